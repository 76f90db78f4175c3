import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyOf } from '../testing/index.ts'
import { isCheap, valueMatches } from './value-matches.ts'

const [hook] = policyOf(`kprobes:
- call: f
  syscall: false
  return: true
  returnArg: {index: 0, type: int}
  args:
  - {index: 0, type: int}
  - {index: 1, type: string}
  selectors:
  - matchArgs:
    - {index: 0, operator: Equal, values: ["1"]}
    - {index: 1, operator: Equal, values: [a]}
    matchReturnArgs: [{index: 0, operator: Equal, values: ["2"]}]`).hooks
const valuesOf = (isOnlyAtReturn: boolean) =>
  valueMatches(hook.selectors[0], isOnlyAtReturn).map(({ values }) => values)

test('the result is tested with the others if there is one record at the return', () => {
  assert.deepEqual(valuesOf(false), [['a0'], ['a1']])
  assert.deepEqual(valuesOf(true), [['a0'], ['a1'], ['r']])
})

test('a test of values in registers is cheap', () => {
  const cheap = valueMatches(hook.selectors[0], true).map((match) => isCheap(hook, match))
  assert.deepEqual(cheap, [true, false, true])
})
