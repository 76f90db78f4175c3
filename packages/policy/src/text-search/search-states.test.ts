import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type SearchState, searchStates } from './search-states.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 })
const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 })

/** Numbers of the words that the automaton finds at any place. */
function find(states: readonly SearchState<Set<number>>[], symbols: Iterable<number>) {
  const found = new Set<number>()
  let state: SearchState<Set<number>> | undefined = states[0]
  for (const symbol of symbols) {
    while (state && !state.next.has(symbol)) state = state.fail
    state = state?.next.get(symbol) ?? states[0]
    for (const each of state.meaning) found.add(each)
  }
  return found
}

describe('searchStates', () => {
  it('finds exactly the texts that occur', () => {
    const noNumbers = { none: new Set<number>(), both: union }
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), text, (words, whole) => {
        const texts = words.map((each, i) => ({
          symbols: Buffer.from(each),
          meaning: new Set([i]),
        }))
        const found = find(searchStates(texts, noNumbers), Buffer.from(whole))
        const expected = words.flatMap((each, i) => (whole.includes(each) ? [i] : []))
        assert.deepEqual([...found].sort(), expected)
      }),
    )
  })
})

function union(one: Set<number>, other: Set<number>): Set<number> {
  return new Set([...one, ...other])
}
