import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { guestKernel, isPart, repeats } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import { type AttackName, KeptPrograms } from './kept-programs.ts'

/** Programs of kprobes are kept since Linux 5.15; the case takes an emulated processor minutes. */
const skip =
  isPart &&
  guestKernel !== '5.10' &&
  'since Linux 5.15 it is the same on all kernels: tested on 6.12'

let kept: KeptPrograms
before(async () => {
  if (!skip) kept = await KeptPrograms.prepare()
})
after(async () => {
  await kept?.reset()
  kept?.remove()
})

/** Effects of a few attacks of each kind. */
async function effects(names: readonly AttackName[]): Promise<number> {
  let sum = 0
  for (const name of names) sum += await kept.effectsOf(name, 3)
  return sum
}

/** Why signals are not certain. @param log of the agent */
function weaknesses(log: string): string[] {
  // kprobes before Linux 5.15.
  const ending = /k(ret)?probe .* will be detached when the agent ends/.exec(log)
  const skips = preemptsPrograms(Btf.open()) ? ['this kernel skips programs of kprobes'] : []
  return [...(ending ? [ending[0]] : []), ...skips]
}

it('policies enforce while the agent is suspended, killed, replaced and stopped', {
  skip,
}, async (t) => {
  const all = kept.possible
  assert.equal(await effects(all), 3 * all.length)
  kept.forbid(all)
  const first = await kept.keep()
  const [weakness] = weaknesses(first.stderr)
  if (weakness !== undefined) t.diagnostic(`no signals: ${weakness}`)
  const names = all.filter((name) => name !== 'signal' || weakness === undefined)
  let ends = false
  const passed = Object.fromEntries(names.map((name) => [name, 0]))
  const attack = async (attacks: readonly AttackName[]) => {
    while (!ends) {
      for (const name of attacks) passed[name] += await kept.effectsOf(name, repeats(200, 3))
      // An emulated processor would have no time for the agent.
      if (guestKernel !== undefined) await sleep(10_000)
    }
  }
  // All at once, but one after the other on an emulated processor.
  const attacking = (guestKernel === undefined ? names.map((name) => [name]) : [names]).map(attack)
  try {
    process.kill(first.pid, 'SIGSTOP')
    assert.equal(await effects(names), 0)
    process.kill(first.pid, 'SIGCONT')
    await first.stop('SIGKILL')
    assert.equal(await effects(names), 0)
    if (!isPart) {
      const second = await kept.keep()
      assert.match(second.stderr, /programs of an earlier agent were detached/)
      assert.equal(kept.names().length, 1)
      assert.deepEqual(await second.stop(), { code: 0, signal: null })
      assert.equal(await effects(names), 0)
    }
  } finally {
    ends = true
    await Promise.all(attacking)
  }
  assert.deepEqual(
    Object.values(passed),
    names.map(() => 0),
    JSON.stringify(passed),
  )
  // That the next agent ends them is the same on all kernels, and each start takes a minute there.
  if (guestKernel === undefined) await kept.begin()
  else kept.unpin()
  assert.deepEqual(kept.names(), [])
  assert.equal(await effects(all), 3 * all.length)
})
