/** Names a row: the number of an event, or the exec id of a process. */
export type RowId = string | number

/** Rows of a list that the page asks for. */
export type WantedRows =
  /** By their positions. */
  | { readonly from: number; readonly to: number }
  /** The last ones, however many there are when they are asked for. */
  | { readonly last: number }
  /** A row, with those around it. */
  | { readonly around: RowId; readonly rows: number }

/** Positions of rows, from 0. */
export interface RowRange {
  readonly from: number
  readonly to: number
  /** The row that was asked for. */
  readonly around?: RowId
}

/**
 * The positions of the wanted rows among those that there are.
 * @param positionOf finds a row; -1: there is none
 */
export function rangeOf(
  wanted: WantedRows,
  count: number,
  positionOf: (id: RowId) => number,
): RowRange {
  if ('last' in wanted) return { from: Math.max(0, count - wanted.last), to: count }
  if (!('around' in wanted)) return { from: wanted.from, to: Math.min(wanted.to, count) }
  const { around, rows } = wanted
  const middle = Math.max(0, positionOf(around))
  const from = Math.max(0, Math.min(count - rows, middle - Math.floor(rows / 2)))
  return { from, to: Math.min(count, from + rows), around }
}
