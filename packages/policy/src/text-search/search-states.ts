/** A text to find, as symbols, and what finding it means. */
export interface SearchedText<Meaning> {
  readonly symbols: Iterable<number>
  readonly meaning: Meaning
}

/** A state of the search: the longest end of what was read with which a searched text begins. */
export interface SearchState<Meaning> {
  readonly next: Map<number, SearchState<Meaning>>
  /** The state of its longest end, which is shorter; undefined at the start. */
  fail: SearchState<Meaning> | undefined
  /** Of all texts that end here. */
  meaning: Meaning
  /** Offset of its row in a table. */
  row: number
}

/** How meanings are joined: the value for no text, and that for both of two. */
export interface Meanings<Meaning> {
  readonly none: Meaning
  both(one: Meaning, other: Meaning): Meaning
}

/**
 * The automaton of Aho and Corasick, which finds any of some texts in one pass.
 * @returns the states by depth, so that each comes after that of its longest end; the start first
 */
export function searchStates<Meaning>(
  texts: Iterable<SearchedText<Meaning>>,
  { none, both }: Meanings<Meaning>,
): readonly SearchState<Meaning>[] {
  const newState = (): SearchState<Meaning> => {
    return { next: new Map(), fail: undefined, meaning: none, row: 0 }
  }
  const root = newState()
  for (const { symbols, meaning } of texts) {
    let state = root
    for (const symbol of symbols) {
      const next = state.next.get(symbol) ?? newState()
      state.next.set(symbol, next)
      state = next
    }
    state.meaning = both(state.meaning, meaning)
  }
  const states = [root]
  for (const state of states) {
    for (const [symbol, next] of state.next) {
      let fail = state.fail
      while (fail && !fail.next.has(symbol)) fail = fail.fail
      next.fail = fail?.next.get(symbol) ?? root
      next.meaning = both(next.meaning, next.fail.meaning)
      states.push(next)
    }
  }
  return states
}

/** Numbers for the symbols of some texts, from `first` on, in the order in which they occur. */
export function symbolColumns(
  texts: Iterable<Pick<SearchedText<unknown>, 'symbols'>>,
  first: number,
): ReadonlyMap<number, number> {
  const columns = new Map<number, number>()
  for (const { symbols } of texts) {
    for (const symbol of symbols) {
      if (!columns.has(symbol)) columns.set(symbol, first + columns.size)
    }
  }
  return columns
}

/** ASCII letters in lower case; other bytes as they are. */
export function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
