import type { ProcessFacts } from '../store/process-facts.ts'
import type { ProcessRows, ProcessRow as TreeRow } from '../store/process-rows.ts'
import type { ProcessRow } from './protocol.ts'
import { type RowId, rangeOf, type WantedRows } from './wanted-rows.ts'

/** Maximum earlier images of a row: a process may execute itself in a loop. */
const earlierMax = 16

/**
 * The wanted rows of the tree of processes, and the number of all.
 * @param eventsOf number of events of an image
 */
export function treeRows(
  all: ProcessRows,
  wanted: WantedRows,
  eventsOf: (facts: ProcessFacts) => number,
): {
  readonly from: number
  readonly rows: readonly ProcessRow[]
  readonly count: number
  readonly around?: RowId
} {
  const positionOf = (id: RowId): number => all.positionOf(String(id))
  const { from, to, ...around } = rangeOf(wanted, all.length, positionOf)
  const rows = all.slice(from, to).map((row) => rowOf(row, around.around, eventsOf))
  return { from, rows, count: all.length, ...around }
}

function rowOf(
  { facts, earlier, ...row }: TreeRow,
  around: RowId | undefined,
  eventsOf: (facts: ProcessFacts) => number,
): ProcessRow {
  const first = Math.max(0, earlier.length - earlierMax)
  const shown = earlier.filter(({ execId }, i) => i >= first || execId === around)
  return {
    ...facts,
    ...row,
    id: facts.execId,
    start: (earlier[0] ?? facts).start,
    events: earlier.reduce((sum, image) => sum + eventsOf(image), eventsOf(facts)),
    earlier: shown.map(({ execId, binary }) => ({ execId, binary })),
    omitted: earlier.length - shown.length,
  }
}
