import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { policyOf } from '../testing/index.ts'
import { isOnlyAtReturn } from './at-return.ts'

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
