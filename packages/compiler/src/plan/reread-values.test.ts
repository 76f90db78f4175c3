import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import type { HookPlan, Placement } from '../hook-plans/hook-plan.ts'
import { policyOf } from '../testing/index.ts'
import type { ValueName } from './hook-description.ts'
import { rereadValues, savedParameters } from './reread-values.ts'

const place = {} as Placement
/** All that the pass reads of a plan. */
const planOf = (leave: readonly Placement[]) => ({ leave }) as HookPlan
const [hook] = policyOf(`kprobes:
- call: f
  syscall: false
  args:
  - {index: 0, type: string}
  - {index: 1, type: int}
  - {index: 2, type: string}
  - {index: 3, type: string, returnCopy: true}`).hooks

function rereads(tested: readonly ValueName[], leave: readonly Placement[]) {
  const plan = planOf(leave)
  return rereadValues(hook, plan, new Set(tested), (values) => values.map((_, i) => i))
}

describe('rereadValues', () => {
  it('are all of the user’s memory that was read at the entry, if a selector tests one', () => {
    assert.deepEqual(rereads(['a0'], [place]), ['a0', 'a2'])
  })

  it('are none if selectors test none, or the return is not hooked', () => {
    assert.deepEqual(rereads(['a1', 'a3'], [place]), [])
    assert.deepEqual(rereads(['a0'], []), [])
  })

  it('are those that are tested if the state of all does not fit', () => {
    const positions = (values: readonly ValueName[]) =>
      values.length > 1 ? [0, 1, 2, 3, 4, 5, 6] : [0]
    const plan = planOf([place])
    assert.deepEqual(rereadValues(hook, plan, new Set<ValueName>(['a2']), positions), ['a2'])
  })
})

const btf = Btf.parse(new BtfBuilder().bytes())

function saved(args: string, rereads: readonly ValueName[] = []): readonly number[] {
  const [hook] = policyOf(`kprobes:\n- call: f\n  syscall: false\n  args: ${args}`).hooks
  return savedParameters(hook, rereads, btf)
}

describe('savedParameters', () => {
  it('are those of copies at the return, with their lengths', () => {
    assert.deepEqual(saved('[{index: 0, type: int}, {index: 1, type: string}]'), [])
    assert.deepEqual(saved('[{index: 1, type: string, returnCopy: true}]'), [1])
    const buffer = '[{index: 1, type: char_buf, sizeArgIndex: 3, returnCopy: true}]'
    assert.deepEqual(saved(buffer), [1, 2])
  })

  it('include those of values that are read again, each once', () => {
    const args = '[{index: 0, type: string}, {index: 2, type: string, returnCopy: true}]'
    assert.deepEqual(saved(args, ['a0']), [2, 0])
    assert.deepEqual(saved(args, ['a1']), [2])
  })
})
