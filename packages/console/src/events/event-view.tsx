import { escapeUnprintable } from '@tetragon-ts/api'
import { focusList, focusPane } from '../page/focus.ts'
import type { paneKeys } from '../page/keys.ts'
import type { Lead } from '../page/lead.ts'
import { SearchBar } from '../page/search-bar.tsx'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import { VirtualList } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import { ReportMenu } from '../report-menu/report-menu.tsx'
import type { ReportModel } from '../report-menu/report-model.ts'
import { hasDates } from '../store/time-text.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import type { EventRow } from '../worker/protocol.ts'
import { ColumnHeads, ColumnMenu } from './column-menu.tsx'
import { columns, shownColumns } from './columns.ts'
import { eventKeys, type ownEventKeys } from './event-keys.ts'
import type { EventModel } from './event-model.ts'
import { EventPane } from './event-pane.tsx'
import { ExportMenu } from './export-menu.tsx'
import type { ExportModel } from './export-model.ts'
import { ValuesMenu } from './values-menu.tsx'
import type { ValuesModel } from './values-model.ts'

interface Properties {
  readonly model: EventModel
  readonly values: ValuesModel
  readonly exported: ExportModel
  readonly report: ReportModel
  readonly link: WorkerLink
  readonly time: TimeModel
  readonly lead: Lead
}

/** Events as they happen, with a filter, and everything about one of them. */
export function eventView(properties: Properties): View {
  const { model } = properties
  return {
    path: '/events',
    name: 'Events',
    keys: eventKeys,
    state: () => ({ filter: model.filter.value, event: model.key }),
    restore: (read) => model.restore(read('filter'), read('event')),
    render: () => <Events {...properties} />,
  }
}

function Events({ model, values, exported, report, link, time, lead }: Properties) {
  const close = (): void => {
    model.select(undefined)
    focusList()
  }
  useKeys<keyof typeof ownEventKeys | keyof typeof paneKeys>({
    p: () => model.togglePause(),
    Enter: focusPane,
    Escape: close,
    Backspace: close,
  })
  const isPaused = model.pausedAt.value !== undefined
  const listed = time.span.value ?? time.range.value
  const isDated = listed !== undefined && hasDates(listed)
  const { last, shown, newer, kept, isSearching, filterVersion } = link.summary.value
  return (
    <main class="view">
      <SearchBar filter={model.filter} refused={model.refused.value}>
        <ValuesMenu model={values} />
        <ColumnMenu />
        <ExportMenu model={exported} shown={isSearching ? 0 : shown} />
        <ReportMenu
          model={report}
          about="the events of the list, and the chosen one"
          subject={() => ({
            kind: 'events',
            until: model.pausedAt.value,
            event: model.selected.value,
          })}
        />
        <button type="button" aria-pressed={isPaused} onClick={() => model.togglePause()}>
          {isPaused ? 'Follow (p)' : 'Pause (p)'}
          {newer > 0 && `: ${newer} newer`}
        </button>
      </SearchBar>
      <TimeLine model={time} link={link} />
      {shown === 0 && !isSearching && (
        <p class="empty">{emptyText(kept, newer, time.span.value !== undefined)}</p>
      )}
      <div class="panes">
        <div class={isDated ? 'table dated' : 'table'}>
          <ColumnHeads />
          <VirtualList
            label="Events"
            part={model.part.value}
            selected={model.selected.value}
            follows={!isPaused}
            version={`${isPaused ? '' : last} ${shown} ${filterVersion}`}
            onSee={(rows) => model.see(rows)}
            reveal={model.reveal.value}
            onRevealed={() => {
              model.reveal.value = undefined
            }}
            onSelect={({ id }) => model.select(id)}
            onLeaveEnd={() => model.pause()}
          >
            {(row) => <Cells row={row} isDated={isDated} />}
          </VirtualList>
        </div>
        <EventPane model={model} lead={lead} />
      </div>
    </main>
  )
}

function Cells({ row, isDated }: { readonly row: EventRow; readonly isDated: boolean }) {
  return (
    <>
      {shownColumns.value.map((column) => {
        const Cell = column === 'time' ? 'time' : 'bdi'
        return (
          <Cell key={column} class={`cell cell-${column}`}>
            {column === 'event' && <Finding fields={row.fields} />}
            {columns[column](row, isDated)}
          </Cell>
        )
      })}
    </>
  )
}

/** The level of an event, and the rules or the policy that it is of, before its compact form. */
function Finding({ fields: { level = '', rule = '', policy = '' } }: Pick<EventRow, 'fields'>) {
  if (level === '') return null
  return (
    <span class={`finding level-${level}`}>
      🚨 {level} <bdi>{escapeUnprintable(rule || policy)}</bdi>
    </span>
  )
}

/** What to do if there is nothing to see. */
function emptyText(kept: number, newer: number, hasSpan: boolean): string {
  if (kept === 0) return 'No events yet: start a program on the machine of the agent.'
  if (newer > 0) {
    return `The list is paused, and has no matching events; ${newer} newer ones match: press p to follow.`
  }
  return `None of ${kept} events matches${hasSpan ? ' in this span of time' : ''}: change the filter.`
}
