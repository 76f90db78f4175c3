import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileLabelSelector, LabelSelectorError } from './label-selector.ts'

const labels = { app: 'web', tier: 'back-end', 'k8s.io/name': '', version: '1.2' }

test('selectors select by all their parts', () => {
  const cases: Record<string, boolean> = {
    '': true,
    ' ': true,
    app: true,
    other: false,
    '!other': true,
    '! app': false,
    'app=web': true,
    'app == web': true,
    'app=we': false,
    'app!=web': false,
    'other!=web': true,
    'k8s.io/name=': true,
    'k8s.io/name': true,
    'app in (web)': true,
    'app in ( a , web )': true,
    'app in (a,b)': false,
    'app notin (a,b)': true,
    'other notin (a,b)': true,
    'app notin (web)': false,
    'app=web,tier=back-end,!x, version in (1.1,1.2)': true,
    'app=web,tier=front': false,
    toString: false,
    '!toString': true,
  }
  for (const [text, selected] of Object.entries(cases)) {
    assert.equal(compileLabelSelector(text)(labels), selected, text)
  }
})

test('invalid selectors are refused', () => {
  const long = 'a'.repeat(5000)
  for (const text of [
    ',',
    'a,',
    'a,,b',
    '=',
    'a=b=c',
    'a in',
    'a in b',
    'a in (b',
    '-a',
    'a b',
    long,
  ]) {
    assert.throws(() => compileLabelSelector(text), LabelSelectorError, text)
  }
})

test('any text is a selector or refused', () => {
  const unit = fc.constantFrom(...'ab1-./ ,=!()in')
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit }), fc.string()), (text) => {
      try {
        compileLabelSelector(text)({})
      } catch (error) {
        assert.ok(error instanceof LabelSelectorError)
      }
    }),
    { numRuns: 2000 },
  )
})
