import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { guestKernel, isFull } from '@tetragon-ts/agent/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import { type AttackName, KeptPrograms } from './kept-programs.ts'

let kept: KeptPrograms
before(async () => {
  kept = await KeptPrograms.prepare()
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

it('policies enforce while the agent is suspended, killed, replaced and stopped', async (t) => {
  const all = kept.possible
  assert.equal(await effects(all), 3 * all.length)
  kept.forbid(all)
  const first = await kept.keep()
  const [weakness] = weaknesses(first.stderr)
  if (weakness !== undefined) t.diagnostic(`no signals: ${weakness}`)
  const names = all.filter((name) => name !== 'signal' || weakness === undefined)
  let ends = false
  const passed = Object.fromEntries(names.map((name) => [name, 0]))
  const attack = async (name: AttackName) => {
    while (!ends) passed[name] += await kept.effectsOf(name, 200)
  }
  // An emulated processor would have no time for the agent.
  const attacking = guestKernel === undefined ? names.map(attack) : []
  try {
    process.kill(first.pid, 'SIGSTOP')
    assert.equal(await effects(names), 0)
    process.kill(first.pid, 'SIGCONT')
    await first.stop('SIGKILL')
    assert.equal(await effects(names), 0)
    // Each start takes an emulated processor half a minute.
    if (isFull) {
      const [second, during] = await Promise.all([kept.keep(), effects(names)])
      assert.equal(during, 0)
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
  if (guestKernel === undefined) await kept.begin()
  else kept.unpin()
  assert.deepEqual(kept.names(), [])
  assert.equal(await effects(all), 3 * all.length)
})
