import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { policyOf } from '../testing/index.ts'
import { isCheap, isOnlyAtReturn, readOrder, valueMatches } from './plan-hook.ts'

/** The order of the values of a hook with these fields. */
function orderOf(fields: string, isOnlyAtReturn = false) {
  const [hook] = policyOf(`kprobes:\n- call: f\n  syscall: false\n${fields}`).hooks
  return readOrder(hook, isOnlyAtReturn)
}

const args = `
  args:
  - {index: 0, type: int}
  - {index: 1, type: string}
  - {index: 2, type: char_buf, returnCopy: true}
  - {index: 3, type: string}`

describe('readOrder', () => {
  it('reads values in their order, and copies at the return', () => {
    const order = orderOf(args)
    assert.deepEqual(order, { matchedFirst: [], enter: ['a0', 'a1', 'a3'], leave: ['a2'] })
  })

  it('reads what is costly and decides first; what is cheap is tested without a copy', () => {
    const { matchedFirst, enter } = orderOf(`${args}
  selectors:
  - matchArgs:
    - {index: 0, operator: Equal, values: ["1"]}
    - {index: 3, operator: Equal, values: [a]}`)
    assert.deepEqual(matchedFirst, ['a3'])
    assert.deepEqual(enter, ['a3', 'a0', 'a1'])
  })

  it('reads descriptors first, which end the program if they are not followed', () => {
    const { matchedFirst } = orderOf(`
  args:
  - {index: 0, type: string}
  - {index: 1, type: fd}`)
    assert.deepEqual(matchedFirst, ['a1'])
  })

  it('reads the result with everything else if there is one record at the return', () => {
    const order = orderOf(
      `${args}
  return: true
  returnArg: {index: 0, type: int}`,
      true,
    )
    assert.deepEqual(order.enter, ['a0', 'a1', 'a3', 'a2', 'r'])
    assert.deepEqual(order.leave, [])
  })
})

const plan = { leave: [{} as Placement], parametersAtReturn: true }

function decide(fields: string, { followsFiles = false, ...more }: Options = {}): boolean {
  const text = `kprobes:\n- call: f\n  syscall: false\n${fields}`
  return isOnlyAtReturn(policyOf(text).hooks[0], { ...plan, ...more }, followsFiles)
}
type Options = Partial<typeof plan> & { readonly followsFiles?: boolean }

const result = `
  return: true
  returnArg: {index: 0, type: int}`
const integer = '  args: [{index: 0, type: int}]'

describe('isOnlyAtReturn', () => {
  it('holds if all parameters are numbers, and still there', () => {
    assert.equal(decide(`${integer}${result}`), true)
    assert.equal(decide(`${integer}${result}`, { parametersAtReturn: false }), false)
    assert.equal(decide(`${integer}${result}`, { leave: [] }), false)
  })

  it('does not hold without anything to read at the return', () => {
    assert.equal(decide(integer), false)
  })

  it('does not hold for memory that may have changed', () => {
    assert.equal(decide(`  args: [{index: 0, type: string}]${result}`), false)
  })

  it('holds for descriptors only if their files are followed', () => {
    const descriptor = `  args: [{index: 0, type: fd}]${result}`
    assert.equal(decide(descriptor), false)
    assert.equal(decide(descriptor, { followsFiles: true }), true)
  })

  it('does not hold if an action enforces: it does not wait', () => {
    const selectors = '\n  selectors: [{matchActions: [{action: Sigkill}]}]'
    assert.equal(decide(`${integer}${result}${selectors}`), false)
  })
})

describe('valueMatches', () => {
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

  it('has the tests of the result if there is one record at the return', () => {
    assert.deepEqual(valuesOf(false), [['a0'], ['a1']])
    assert.deepEqual(valuesOf(true), [['a0'], ['a1'], ['r']])
  })

  it('is cheap for values in registers', () => {
    const cheap = valueMatches(hook.selectors[0], true).map((match) => isCheap(hook, match))
    assert.deepEqual(cheap, [true, false, true])
  })
})
