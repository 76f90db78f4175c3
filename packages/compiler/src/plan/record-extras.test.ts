import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { policyOf } from '../testing/index.ts'
import { lacksStacks, recordExtras } from './record-extras.ts'

const btf = Btf.parse(new BtfBuilder().bytes())

/** A place for programs of this type (`enum bpf_prog_type`). */
const placeOf = (programType: number) => ({ hook: { resolve: () => ({ programType }) } }) as unknown
/** BPF_PROG_TYPE_TRACING and BPF_PROG_TYPE_CGROUP_SKB. */
const [tracing, packets] = [26, 8].map((type) => ({ enter: [placeOf(type) as Placement] }))

function extrasOf(actions: string, { plan = tracing, waits = false, options = '[]' } = {}) {
  const policy = policyOf(`options: ${options}
kprobes:
- call: f
  syscall: false
  selectors: [{matchActions: [${actions}]}]`)
  const [hook] = policy.hooks
  const inputs = { policy, tracksSocks: false, plan, btf, waits }
  return { ...recordExtras(hook, inputs), lacks: lacksStacks(hook, inputs) }
}

describe('recordExtras', () => {
  it('have the stacks that a selector asks for, where programs can read them', () => {
    const post = '{action: Post, kernelStackTrace: true}'
    const { stacks, lacks } = extrasOf(post)
    assert.deepEqual([stacks, lacks], [['kernel'], false])
    const ofPackets = extrasOf(post, { plan: packets })
    assert.deepEqual([ofPackets.stacks, ofPackets.lacks], [[], true])
  })

  it('have the outcome of enforcing actions', () => {
    assert.equal(extrasOf('{action: Sigkill}').enforcement, true)
    assert.equal(extrasOf('{action: Post}').enforcement, false)
  })

  it('count equal refusals, unless the process ends, the policy posts each, or the return decides', () => {
    const refusal = '{action: Override, argError: -1}'
    assert.equal(extrasOf(refusal).refusal, true)
    assert.equal(extrasOf('{action: Sigkill}').refusal, false)
    assert.equal(extrasOf(refusal, { waits: true }).refusal, false)
    const options = '[{name: equal-refusals, value: post}]'
    assert.equal(extrasOf(refusal, { options }).refusal, false)
  })
})
