import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { repeats } from '@tetragon-ts/agent/testing'
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

it('policies enforce while the agent is stopped, killed, replaced and ended', async (t) => {
  const all = kept.possible
  assert.equal(await effects(all), 3 * all.length)
  kept.forbid(all)
  const first = await kept.keep()
  // kprobes before Linux 5.15.
  const endsEarly = /keep k(ret)?probe .* it ends with the agent/.exec(first.stderr)
  const names = all.filter((name) => name !== 'signal' || !endsEarly)
  if (endsEarly) t.diagnostic(endsEarly[0])
  let ends = false
  let passed = 0
  const attacking = names.map(async (name) => {
    while (!ends) passed += await kept.effectsOf(name, repeats(200, 10))
  })
  try {
    process.kill(first.pid, 'SIGSTOP')
    assert.equal(await effects(names), 0)
    process.kill(first.pid, 'SIGCONT')
    await first.stop('SIGKILL')
    assert.equal(await effects(names), 0)
    const second = await kept.keep()
    assert.match(second.stderr, /programs of an earlier agent were detached/)
    assert.equal(kept.names().length, 1)
    assert.deepEqual(await second.stop(), { code: 0, signal: null })
    assert.equal(await effects(names), 0)
  } finally {
    ends = true
    await Promise.all(attacking)
  }
  assert.equal(passed, 0)
  await kept.begin()
  assert.deepEqual(kept.names(), [])
  assert.equal(await effects(all), 3 * all.length)
})
