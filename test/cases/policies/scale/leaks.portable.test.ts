import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PolicyRun, repeats } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { held, leaked, mappings, memoryInUse } from './kernel-objects.ts'
import { policyText } from './policies.ts'

// Leaks in the kernel are visible after a few repetitions; growth of memory needs many, which only
// the host is fast enough for.
const rounds = repeats(120, 8)
/** Until most of the repeated code is compiled. */
const warmUp = repeats(60, 2)
/** Parts of the rounds. Memory grows in some of them while V8 optimizes code, a leak in all. */
const parts = 4
/** 4400 bytes a round. */
const partMax = 1 << 17

/** It has everything that a policy can leave: process sets, maps, returns, followed files. */
const spec = `
kprobes:
- call: sys_openat
  syscall: true
  return: true
  returnArg:
    index: 0
    type: int
  args:
  - index: 1
    type: string
  selectors:
  - matchPIDs:
    - operator: NotIn
      followForks: true
      values: [1]
    matchArgs:
    - index: 1
      operator: Prefix
      values: [/none/]
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  selectors:
  - matchArgs:
    - index: 0
      operator: Equal
      values: ["-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "-10", "-11", "-12"]`

describe('policies that come and go', () => {
  let run: PolicyRun
  let trigger: string
  before(async () => {
    trigger = await workload('trigger')
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  const text = policyText({ name: 'passing', spec })

  async function comeAndGo(): Promise<void> {
    await run.unload(await run.load(text))
  }

  it(`leave nothing behind after ${rounds} times`, async (t) => {
    for (let i = 0; i < warmUp; i++) await comeAndGo()
    const before = held()
    const sizes = [memoryInUse()]
    const mapped = mappings()
    for (let i = 1; i <= rounds; i++) {
      await comeAndGo()
      if (i % (rounds / parts) === 0) sizes.push(memoryInUse())
    }
    const more = sizes.slice(1).map((size, part) => size - sizes[part])
    const mappedMore = mappings() - mapped
    t.diagnostic(`memory +${more.join(', +')} bytes, ${mappedMore} more mappings`)
    assert.deepEqual(await leaked(before), [])
    assert.ok(Math.min(...more) < partMax, `+${more.join(', +')} bytes of objects and buffers`)
    // V8 maps some pages of its own.
    assert.ok(mappedMore < Math.max(rounds / 2, 100), `${mappedMore} more mappings`)
  })

  it('leave nothing behind when they are refused', async () => {
    const wrong = text.replace('sys_lseek', 'sys_nothing_like_it')
    await assert.rejects(run.load(wrong))
    const before = held()
    for (let i = 0; i < 20; i++) await assert.rejects(run.load(wrong))
    assert.deepEqual(await leaked(before), [])
  })

  it('work the last time as they did the first', async () => {
    const policy = await run.load(text)
    const started = run.spawn(trigger, ['try', 'lseek', '-12', '0', '0'])
    assert.equal((await run.finish(started)).length, 1)
    await run.unload(policy)
  })
})
