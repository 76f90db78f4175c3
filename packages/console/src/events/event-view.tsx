import type { Signal } from '@preact/signals'
import { DetailPane } from '../page/detail-pane.tsx'
import type { Lead } from '../page/lead.ts'
import { SearchBar } from '../page/search-bar.tsx'
import { timeText } from '../page/time-text.ts'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import { VirtualList } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import { Lineage } from '../processes/lineage.tsx'
import { type FieldName, fieldNames, type Subject, termOf } from '../store/filter.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import type { EventModel } from './event-model.ts'

interface Properties {
  readonly model: EventModel
  readonly link: WorkerLink
  readonly time: TimeModel
  readonly lead: Lead
}

/** Events as they happen, with a filter, and everything about one of them. */
export function eventView(properties: Properties): View {
  const { model } = properties
  return {
    ...{ path: '/', name: 'Events' },
    state: () => ({ filter: model.filter.value }),
    render: () => <Events {...properties} />,
  }
}

function Events({ model, link, time, lead }: Properties) {
  useKeys({ p: () => model.togglePause(), Escape: () => model.select(undefined) })
  const isPaused = model.pausedAt.value !== undefined
  const { last, shown, kept } = link.summary.value
  return (
    <main class="view">
      <SearchBar filter={model.filter}>
        <button type="button" aria-pressed={isPaused} onClick={() => model.togglePause()}>
          {isPaused ? 'Follow (p)' : 'Pause (p)'}
        </button>
      </SearchBar>
      <TimeLine model={time} link={link} />
      {shown === 0 && <p class="empty">{emptyText(kept, time.span.value !== undefined)}</p>}
      <div class="panes">
        <VirtualList
          label="Events"
          part={model.part.value}
          selected={model.selected.value}
          follows={!isPaused}
          version={`${isPaused ? '' : last} ${shown} ${model.filter.value}`}
          onSee={(from, to) => model.see(from, to)}
          onSelect={({ id }) => model.select(id)}
          onLeaveEnd={() => model.pause()}
        >
          {({ time, line }) => (
            <>
              <time>{timeText(time)}</time>
              <bdi>{line}</bdi>
            </>
          )}
        </VirtualList>
        <Detail model={model} lead={lead} />
      </div>
    </main>
  )
}

/** What to do if there is nothing to see. */
function emptyText(kept: number, hasSpan: boolean): string {
  if (kept === 0) return 'No events yet: start a program on the machine of the agent.'
  return `None of ${kept} events has these words${hasSpan ? ' in this span of time' : ''}.`
}

/** Buttons that narrow the list to events like this one, or omit them. */
function Terms({ fields, filter }: { fields: Subject['fields']; filter: Signal<string> }) {
  const add = (term: string): void => {
    filter.value = `${filter.value} ${term}`.trim()
  }
  return (
    <ul class="terms">
      {fieldNames.map((field) => {
        const value = fields[field] ?? ''
        if (value === '') return null
        return (
          <li key={field}>
            <button type="button" onClick={() => add(termOf(field, value))}>
              only this {labelOf(field)}
            </button>
            <button type="button" onClick={() => add(termOf(field, value, false))}>
              not this {labelOf(field)}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function labelOf(field: FieldName): string {
  return field === 'exec' ? 'process' : field
}

function Detail({ model, lead }: Pick<Properties, 'model' | 'lead'>) {
  const detail = model.detail.value
  if (model.selected.value === undefined) return null
  return (
    <DetailPane label="Event" onClose={() => model.select(undefined)}>
      {detail === 'dropped' && <p>This event was dropped: too many came after it.</p>}
      {typeof detail === 'object' && (
        <>
          <Terms fields={detail.fields} filter={model.filter} />
          <Lineage lineage={detail.lineage} />
          <button type="button" onClick={() => lead.toProcess(detail.fields.exec ?? '')}>
            What this process did
          </button>
          <h2>Event</h2>
          <pre>{detail.json}</pre>
        </>
      )}
    </DetailPane>
  )
}
