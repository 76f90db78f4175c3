import { lowerCase, type SearchState, searchStates, symbolColumns } from '../text-search/index.ts'

/** A text that the automaton finds. */
export interface Literal {
  /** ASCII, in lower case. */
  readonly text: string
  readonly anchor: 'anywhere' | 'start' | 'end' | 'whole'
  /** The bits that are set if it is found. */
  readonly bits: bigint
}

/** An automaton that finds literals, as a table for the kernel side. */
export interface ImageAutomaton {
  /**
   * 256 bytes with the column of each byte, then the rows: eight bytes with the bits of the
   * literals that end in the state, and four bytes per column with the offset of the next row.
   * Padded to a power of two.
   */
  readonly bytes: Uint8Array
  /** Offset of the row at the start of a text. */
  readonly start: number
  /** Column of the end of a text. */
  readonly end: number
}

/** Maximum size of an array value before Linux 5.11: KMALLOC_MAX_SIZE. */
export const tableMax = 1 << 22

const columnsAt = 256
const bitsSize = 8
/** Bytes that occur in no literal. */
const otherColumn = 0
/** What stands for the two ends of a text; no byte is negative. */
const startOfText = -1
const endOfText = -2

/**
 * Creates the automaton of Aho and Corasick, for ASCII letters of both cases. The ends of a text
 * are symbols like bytes, so that a literal at an end is found like all others.
 */
export function imageAutomaton(literals: readonly Literal[]): ImageAutomaton {
  const texts = literals.map((each) => ({ symbols: symbolsOf(each), meaning: each.bits }))
  const ends = { symbols: [startOfText, endOfText] }
  const columns = symbolColumns([ends, ...texts], otherColumn + 1)
  const states = searchStates(texts, { none: 0n, both: (one, other) => one | other })
  const bytes = layOut(states, columns)
  const [root] = states
  const end = columns.get(endOfText) as number
  return { bytes, start: root.next.get(startOfText)?.row ?? root.row, end }
}

function symbolsOf({ text, anchor }: Literal): number[] {
  const symbols = [...new TextEncoder().encode(text)]
  if (anchor === 'start' || anchor === 'whole') symbols.unshift(startOfText)
  if (anchor === 'end' || anchor === 'whole') symbols.push(endOfText)
  // Found in each text: before its first byte.
  return symbols.length === 0 ? [startOfText] : symbols
}

function layOut(
  states: readonly SearchState<bigint>[],
  columns: ReadonlyMap<number, number>,
): Uint8Array {
  const [root] = states
  const rowSize = Math.ceil((bitsSize + (columns.size + 1) * 4) / 8) * 8
  states.forEach((state, i) => {
    state.row = columnsAt + i * rowSize
  })
  const used = columnsAt + states.length * rowSize
  const bytes = new Uint8Array(2 ** Math.ceil(Math.log2(used)))
  const view = new DataView(bytes.buffer)
  for (let byte = 0; byte < 256; byte++) {
    bytes[byte] = columns.get(lowerCase(byte)) ?? otherColumn
  }
  const cell = (state: SearchState<bigint>, column: number): number =>
    state.row + bitsSize + column * 4
  // By depth: a state inherits the row of a shorter one.
  for (const state of states) {
    view.setBigUint64(state.row, state.meaning, true)
    for (let column = 0; column <= columns.size; column++) {
      const inherited = state.fail ? view.getUint32(cell(state.fail, column), true) : root.row
      view.setUint32(cell(state, column), inherited, true)
    }
    for (const [symbol, next] of state.next) {
      view.setUint32(cell(state, columns.get(symbol) as number), next.row, true)
    }
  }
  return bytes
}

/** Steps of an automaton outside of the kernel. */
export class AutomatonSteps {
  readonly #view: DataView
  readonly #bytes: Uint8Array

  constructor({ bytes }: ImageAutomaton) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }

  column(byte: number): number {
    return this.#bytes[byte]
  }

  next(row: number, column: number): number {
    return this.#view.getUint32(row + bitsSize + column * 4, true)
  }

  bits(row: number): bigint {
    return this.#view.getBigUint64(row, true)
  }
}
