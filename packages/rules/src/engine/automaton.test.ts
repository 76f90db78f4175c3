import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Automaton } from './automaton.ts'

/** All literals that end at each position, by suffixes. */
function found(automaton: Automaton, literals: readonly string[], text: string): string[] {
  const ends: string[] = []
  let state = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const known = code < 128 ? automaton.classes[code] : (automaton.otherClasses.get(code) ?? 0)
    state = automaton.next(state, known)
    for (let at = state; at > 0; at = automaton.outputLink[at]) {
      if (automaton.output[at] >= 0) ends.push(`${literals[automaton.output[at]]} ${i + 1}`)
    }
  }
  return ends.sort()
}

test('finds what a search finds, with complete rows for all states or few', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abcß'), maxLength: 12 })
  const literals = fc.uniqueArray(
    text.filter((each) => each !== ''),
    { minLength: 1, maxLength: 8 },
  )
  const property = fc.property(literals, text, fc.nat(30), (all, searched, denseEntries) => {
    const expected: string[] = []
    for (const each of all) {
      for (let at = searched.indexOf(each); at >= 0; at = searched.indexOf(each, at + 1)) {
        expected.push(`${each} ${at + each.length}`)
      }
    }
    assert.deepEqual(found(Automaton.of(all, denseEntries), all, searched), expected.sort())
  })
  fc.assert(property, { numRuns: 1000 })
})

test('upper case is the class of lower case', () => {
  assert.deepEqual(found(Automaton.of(['ab']), ['ab'], 'xAb'), ['ab 3'])
})
