import {
  lowerCase,
  type SearchState,
  searchStates,
  symbolColumns,
} from '@tetragon-ts/policy/text-search'

/** An automaton that detects any of some strings, as a table for the kernel side. */
export interface SubstringTable {
  /**
   * 256 bytes with the column of each byte, then the rows: four bytes per column with the offset of
   * the next row. Padded to a power of two.
   */
  readonly bytes: Uint8Array
  /** Offset of the first row. */
  readonly start: number
  /** Offset of the row that it stays in after a match. */
  readonly accept: number
}

const columnsAt = 256

/** A state of the search; its meaning is whether one of the strings was found. */
type State = SearchState<boolean>

/** Creates the automaton of Aho and Corasick. @param ignoreCase for ASCII letters */
export function substringTable(
  strings: readonly Uint8Array[],
  ignoreCase: boolean,
): SubstringTable {
  const fold = ignoreCase ? lowerCase : (byte: number) => byte
  const texts = strings.map((string) => ({ symbols: string.map(fold), meaning: true }))
  const states = searchStates(texts, { none: false, both: (one, other) => one || other })
  return layOut(states, symbolColumns(texts, 0), fold)
}

function layOut(
  states: readonly State[],
  columns: ReadonlyMap<number, number>,
  fold: (byte: number) => number,
): SubstringTable {
  const [root] = states
  // The last column is for bytes that occur in no string, if there are any.
  const other = columns.size
  const width = Math.min(256, columns.size + 1) * 4
  const going = states.filter(({ meaning }) => !meaning)
  const accept = columnsAt
  going.forEach((state, i) => {
    state.row = columnsAt + (i + 1) * width
  })
  const used = columnsAt + (going.length + 1) * width
  const bytes = new Uint8Array(2 ** Math.ceil(Math.log2(used)))
  const view = new DataView(bytes.buffer)
  for (let byte = 0; byte < 256; byte++) bytes[byte] = columns.get(fold(byte)) ?? other
  for (let at = 0; at < width; at += 4) view.setUint32(accept + at, accept, true)
  const rowOf = (state: State): number => (state.meaning ? accept : state.row)
  // By depth: a state inherits the row of a shorter one.
  for (const state of going) {
    const inherited = state.fail ?? root
    if (state === root) {
      for (let at = 0; at < width; at += 4) view.setUint32(root.row + at, root.row, true)
    } else {
      bytes.copyWithin(state.row, inherited.row, inherited.row + width)
    }
    for (const [byte, next] of state.next) {
      view.setUint32(state.row + (columns.get(byte) as number) * 4, rowOf(next), true)
    }
  }
  return { bytes, start: rowOf(root), accept }
}
