/** Height of a row in pixels: as in the style sheet. */
export const rowHeight = 24
/** Rows above and below those in sight that are there already. */
const extraRows = 20
/** Browsers limit the height of elements: about 33 million pixels in Chromium, 17 in Firefox. */
const heightMax = 15_000_000

/** What is seen of a list. Positions are those of rows, from 0, and may lie within a row. */
export interface ListWindow {
  /** Number of all rows. */
  readonly count: number
  /** Pixels that are in sight. */
  readonly clientHeight: number
}

/** Height of the element that stands for all rows. */
export function heightOf(count: number): number {
  return Math.min(count * rowHeight, heightMax)
}

/** The position at the upper edge. In a list higher than browsers allow, pixels skip rows. */
export function positionAt(scrollTop: number, list: ListWindow): number {
  const { scroll, rows } = scrollRange(list)
  return scroll === 0 ? 0 : Math.min(1, scrollTop / scroll) * rows
}

/** Where to scroll, so that a position is at the upper edge. */
export function scrollTopAt(position: number, list: ListWindow): number {
  const { scroll, rows } = scrollRange(list)
  return rows === 0 ? 0 : Math.max(0, Math.min(1, position / rows)) * scroll
}

/** Distance of a row from the start of the element, as the list is scrolled. */
export function topOf(row: number, scrollTop: number, list: ListWindow): number {
  return scrollTop + (row - positionAt(scrollTop, list)) * rowHeight
}

/** The rows that are in sight, and some above and below. */
export function rowsAround(
  scrollTop: number,
  list: ListWindow,
): { readonly from: number; readonly to: number } {
  const first = Math.floor(positionAt(scrollTop, list))
  return { from: Math.max(0, first - extraRows), to: first + rowsIn(list) + extraRows }
}

/** Number of rows that {@link rowsAround} has in the middle of a list. */
export function rowsWanted(list: Pick<ListWindow, 'clientHeight'>): number {
  return rowsIn(list) + 2 * extraRows
}

function rowsIn({ clientHeight }: Pick<ListWindow, 'clientHeight'>): number {
  return Math.ceil(clientHeight / rowHeight) + 1
}

/** How far the list can be scrolled: in pixels of the element, and in rows. */
function scrollRange({ count, clientHeight }: ListWindow): { scroll: number; rows: number } {
  const scroll = Math.max(0, heightOf(count) - clientHeight)
  return { scroll, rows: scroll === 0 ? 0 : count - clientHeight / rowHeight }
}
