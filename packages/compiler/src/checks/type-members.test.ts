import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { btf } from '../testing/nested-structures.ts'
import { typeMembers } from './type-members.ts'

function typed(expression: string, argument = 'btfType: outer') {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  kprobes:
  - call: some_function
    syscall: false
    args: [{index: 0, type: nop, ${argument}}]
    data: [{type: int, source: current_task, resolve: pid}]
    selectors: [{matchCEL: {expr: '${expression}'}}]
`
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  assert.deepEqual(diagnostics, [])
  const [document] = documents
  return typeMembers(document.policy.hooks[0], document, { btf } as KernelView)
}

/** The members of an expression, with their types. */
function types(expression: string): string[] {
  const { hook, found } = typed(expression)
  assert.deepEqual(found, [], expression)
  const [, ...members] = hook.data
  return members.map(({ label, type }) => `${label} ${type}`)
}

function refusal(expression: string, argument?: string): string {
  const { found } = typed(expression, argument)
  assert.equal(found.length, 1, expression)
  const [{ message, suggestion, path, column }] = found
  // Of the character that the message names.
  assert.equal(column, 35 + Number(/character (\d+)/.exec(message)?.[1]))
  assert.equal(path, 'spec.kprobes[0].selectors[0].matchCEL.expr')
  return (
    message.replace('in the expression, character ', '') + (suggestion ? ` (${suggestion})` : '')
  )
}

describe('members in expressions', () => {
  it('have the types of the kernel', () => {
    assert.deepEqual(types('arg0.first == 1u && int32(arg0.first) > data0'), ['arg0.first uint64'])
    assert.deepEqual(types('arg0.in.high == 3 && arg0.in != 0'), [
      'arg0.in.high uint32',
      'arg0.in uint64',
    ])
    assert.deepEqual(types('arg0.name == "x"'), ['arg0.name string'])
    assert.deepEqual(types('arg0.many[2].a == 1'), ['arg0.many[2].a uint32'])
  })

  it('have errors at their position', () => {
    assert.equal(
      refusal('arg0.first == 1 || arg0.in.hihg == 1'),
      '28: struct inner has no member hihg (high)',
    )
    assert.match(refusal('arg0.first.a == 1'), /^12: .* has no members: a cannot be followed/)
    assert.match(refusal('arg0.many[7].a == 1'), /^11: \[7\] is beyond the 3 elements/)
    assert.match(refusal('arg0.many == 1'), /^6: struct inner \[3\] has several values/)
    assert.match(refusal('arg0.in.low == 5u'), /^13: == takes operands of one type/)
    assert.match(refusal('arg0.first == "x"'), /^12: a text is compared with one in quotes/)
    assert.match(refusal('arg0.name == 1'), /^11: a text is compared with one in quotes/)
    assert.match(refusal('arg0.first == 1', 'btfType: none'), /^1: no structure none in the kernel/)
  })

  it('follow the members of the argument', () => {
    const { hook } = typed('arg0.high == 1', 'btfType: outer, resolve: in')
    assert.deepEqual(hook.data[1].resolve, ['in', 'high'])
    assert.equal(
      refusal('arg0.hgh == 1', 'btfType: outer, resolve: in'),
      '6: struct inner has no member hgh (high)',
    )
    assert.match(
      refusal('arg0.high == 1', 'btfType: outer, resolve: inn'),
      /^1: struct outer has no/,
    )
  })
})
