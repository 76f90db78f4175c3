import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyOf } from '../testing/index.ts'
import { readOrder } from './read-order.ts'

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
