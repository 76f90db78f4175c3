import { type Signal, signal } from '@preact/signals'
import { escapeUnprintable } from '@tetragon-ts/api'
import { readSaved, save } from '../page/saved.ts'
import { dateTimeText, timeText } from '../store/time-text.ts'
import type { EventRow } from '../worker/protocol.ts'

/**
 * The columns that the list of events can have, in their order: the text of each.
 * @param hasDates whether the list has events of several days
 */
export const columns = {
  time: ({ time }: EventRow, hasDates: boolean) =>
    hasDates ? dateTimeText(time) : timeText(time, time),
  kind: ({ label }: EventRow) => label,
  node: fieldText('node'),
  pod: fieldText('pod'),
  policy: fieldText('policy'),
  pid: fieldText('pid'),
  binary: fieldText('binary'),
  event: ({ line }: EventRow) => line,
} as const satisfies Readonly<Record<string, (row: EventRow, hasDates: boolean) => string>>

export type ColumnName = keyof typeof columns

export const columnNames = Object.keys(columns) as readonly ColumnName[]

const name = 'event-columns'
const usual: readonly ColumnName[] = ['time', 'event']

function fieldText(field: keyof EventRow['fields']): (row: EventRow) => string {
  return ({ fields }) => escapeUnprintable(fields[field] ?? '')
}

/** The columns that are shown; the browser keeps them. */
export const shownColumns: Signal<readonly ColumnName[]> = signal(ordered(readSaved(name)))

/** Shows a column, or hides it, but not the only one. */
export function toggleColumn(column: ColumnName): void {
  const shown = shownColumns.value
  const isShown = shown.includes(column)
  shownColumns.value = ordered(
    isShown && shown.length > 1 ? shown.filter((each) => each !== column) : [...shown, column],
  )
  save(name, shownColumns.value)
}

/** The columns with these names, in their order; the usual ones if there are none. */
export function ordered(names: readonly string[]): readonly ColumnName[] {
  const shown = columnNames.filter((column) => names.includes(column))
  return shown.length > 0 ? shown : usual
}
