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

interface State {
  readonly next: Map<number, State>
  fail: State | undefined
  ends: boolean
  row: number
}

function newState(): State {
  return { next: new Map(), fail: undefined, ends: false, row: 0 }
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}

/** Creates the automaton of Aho and Corasick. @param ignoreCase for ASCII letters */
export function substringTable(
  strings: readonly Uint8Array[],
  ignoreCase: boolean,
): SubstringTable {
  const fold = ignoreCase ? lowerCase : (byte: number) => byte
  const columns = new Map<number, number>()
  const root = newState()
  for (const string of strings) {
    let state = root
    for (const raw of string) {
      const byte = fold(raw)
      if (!columns.has(byte)) columns.set(byte, columns.size)
      let next = state.next.get(byte)
      if (!next) {
        next = newState()
        state.next.set(byte, next)
      }
      state = next
    }
    state.ends = true
  }
  const states = linkFailures(root)
  return layOut(root, states, columns, fold)
}

/**
 * Computes for each state the longest proper suffix of its text that is a prefix of one of the
 * strings.
 */
function linkFailures(root: State): State[] {
  const states = [root]
  for (const state of states) {
    for (const [byte, next] of state.next) {
      let fail = state.fail
      while (fail && !fail.next.has(byte)) fail = fail.fail
      next.fail = fail ? fail.next.get(byte) : root
      if (next.fail?.ends) next.ends = true
      states.push(next)
    }
  }
  return states
}

function layOut(
  root: State,
  states: readonly State[],
  columns: ReadonlyMap<number, number>,
  fold: (byte: number) => number,
): SubstringTable {
  // The last column is for bytes that occur in no string, if there are any.
  const other = columns.size
  const width = Math.min(256, columns.size + 1) * 4
  const going = states.filter(({ ends }) => !ends)
  const accept = columnsAt
  going.forEach((state, i) => {
    state.row = columnsAt + (i + 1) * width
  })
  const used = columnsAt + (going.length + 1) * width
  const bytes = new Uint8Array(2 ** Math.ceil(Math.log2(used)))
  const view = new DataView(bytes.buffer)
  for (let byte = 0; byte < 256; byte++) bytes[byte] = columns.get(fold(byte)) ?? other
  for (let at = 0; at < width; at += 4) view.setUint32(accept + at, accept, true)
  const rowOf = (state: State): number => (state.ends ? accept : state.row)
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
