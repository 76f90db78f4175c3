import type { EventStore } from '../store/event-store.ts'
import { labelOf } from './describe-event.ts'
import type { EventRow } from './protocol.ts'
import { type RowId, rangeOf, type WantedRows } from './wanted-rows.ts'

/** Maximum characters of a line in the list: the whole is in the detail of the event. */
const lineMax = 2000

/** Rows of the list of events, and the number of all: both are those of one moment. */
export interface EventRows {
  readonly from: number
  readonly rows: readonly EventRow[]
  readonly count: number
  /** The event that was asked for. */
  readonly around?: RowId
}

/**
 * The wanted rows among the shown events.
 * @param until number of the last event of the list
 */
export function eventRows(store: EventStore, wanted: WantedRows, until: number): EventRows {
  const count = store.shownUpTo(until)
  const { from, to, ...around } = rangeOf(wanted, count, (id) => store.shownUpTo(Number(id)) - 1)
  const rows = store.rows(from, to).map(({ id, time, line, fields, bytes }) => {
    return { id, time, line: line.slice(0, lineMax), label: labelOf(bytes), fields }
  })
  return { from, rows, count, ...around }
}
