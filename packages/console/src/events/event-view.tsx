import type { Signal } from '@preact/signals'
import { DetailPane } from '../page/detail-pane.tsx'
import { SearchBar } from '../page/search-bar.tsx'
import { timeText } from '../page/time-text.ts'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import { VirtualList } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import { Lineage } from '../processes/lineage.tsx'
import { fieldNames, type Subject, termOf } from '../store/filter.ts'
import type { EventModel } from './event-model.ts'

interface Properties {
  readonly model: EventModel
  readonly link: WorkerLink
}

/** Events as they happen, with a filter, and everything about one of them. */
export function eventView(model: EventModel, link: WorkerLink): View {
  return {
    ...{ path: '/', name: 'Events' },
    state: () => ({ filter: model.filter.value }),
    render: () => <Events model={model} link={link} />,
  }
}

function Events({ model, link }: Properties) {
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
      {shown === 0 && <p class="empty">{emptyText(kept)}</p>}
      <div class="panes">
        <VirtualList
          label="Events"
          part={model.part.value}
          selected={model.selected.value}
          follows={!isPaused}
          version={`${isPaused ? '' : last} ${model.filter.value}`}
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
        <Detail model={model} />
      </div>
    </main>
  )
}

/** What to do if there is nothing to see. */
function emptyText(kept: number): string {
  return kept > 0
    ? `None of ${kept} events has these words.`
    : 'No events yet: start a program on the machine of the agent.'
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
              only this {field}
            </button>
            <button type="button" onClick={() => add(termOf(field, value, false))}>
              not this {field}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function Detail({ model }: { readonly model: EventModel }) {
  const detail = model.detail.value
  if (model.selected.value === undefined) return null
  return (
    <DetailPane label="Event" onClose={() => model.select(undefined)}>
      {detail === 'dropped' && <p>This event was dropped: too many came after it.</p>}
      {typeof detail === 'object' && (
        <>
          <Terms fields={detail.fields} filter={model.filter} />
          <Lineage lineage={detail.lineage} />
          <h2>Event</h2>
          <pre>{detail.json}</pre>
        </>
      )}
    </DetailPane>
  )
}
