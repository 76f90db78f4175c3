import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HookPlan, Placement } from '../hook-plans/hook-plan.ts'
import { policyOf } from '../testing/index.ts'
import type { ValueName } from './hook-record.ts'
import { rereadValues } from './reread-values.ts'

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
