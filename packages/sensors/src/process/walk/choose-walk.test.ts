import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { chooseWalk } from './index.ts'

/** The walk of a kernel and a namespace, and whether it visits all processes. */
function chosen(...[programs, host, lookup]: boolean[]) {
  const { kind, isComplete } = chooseWalk({} as Target, '/proc', {
    hasIteratorForPrograms: () => programs,
    isInHostNamespace: () => host,
    canLookUp: () => lookup,
  })
  return [kind, isComplete]
}

it('chooses a walk that visits all processes if there is one', () => {
  assert.deepEqual(chosen(true, false, false), ['each_process', true])
  assert.deepEqual(chosen(false, true, false), ['iterator', true])
  assert.deepEqual(chosen(false, false, true), ['lookup', true])
  assert.deepEqual(chosen(false, false, false), ['iterator', false])
})
