import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HookPlan, MeansName } from '../hook-plans/hook-plan.ts'
import { describedKernel } from '../testing/index.ts'
import { meansFor } from './enforce.ts'
import { enforcementOf } from './index.ts'

const kernel = describedKernel({ functions: {}, supports: [] })
const action = { action: 'Override', error: 1, registers: [], path: '' } as const

/** Why programs of a plan cannot carry out Override with a positive result. */
function reason(plannedFor: MeansName | undefined): string {
  const plan: HookPlan = {
    backend: 'test',
    why: 'test',
    enter: [],
    leave: [],
    parameters: [],
    functionNames: [],
    ...(plannedFor && { plannedFor }),
  }
  const enforcement = enforcementOf(action)
  const means = enforcement && meansFor(action, enforcement, plan, kernel)
  return means && 'reason' in means ? means.reason : 'none'
}

describe('meansFor', () => {
  it('reports the refusal of the means that a plan is for', () => {
    assert.match(reason('fmod_ret'), /a result of 1 refuses nothing here/)
    assert.match(reason('cgroup'), /the kernel returns EPERM for what it refuses/)
    assert.equal(reason('registers'), 'only for functions of user space')
  })

  it('reports the first one of a plan that is for none', () => {
    assert.equal(reason(undefined), 'programs there do not decide by lsm')
  })
})
