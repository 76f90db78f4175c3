import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { guestKernel, isFull, PolicyRun } from '../../testing/index.ts'
import { Loading } from '../registry/in-turns.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import { exec, type Place, policy, testManyPolicies } from './testing/many-policies.ts'

/** Where kernels have different back ends; the other places are in many-policies.ci.test.ts. */
const places: readonly Place[] = [
  {
    what: 'a function',
    hook: (message) => `
  kprobes:
  - {call: security_bprm_check, syscall: false, message: ${message}}`,
    ...exec,
  },
  {
    what: 'the return of a function',
    hook: (message) => `
  kprobes:
  - call: security_bprm_check
    syscall: false
    message: ${message}
    return: true
    returnArg: {index: 0, type: int}`,
    ...exec,
  },
  {
    what: 'an LSM hook',
    hook: (message) => `
  lsmhooks:
  - {hook: bprm_check_security, message: ${message}}`,
    ...exec,
  },
]

describe('many policies', () => testManyPolicies(places))

// No kernel loads in other steps.
const shownByHost = guestKernel !== undefined && !isFull && 'this machine shows it'

describe('a policy with many hooks', { skip: shownByHost }, () => {
  const hooks = 8
  const text = policy(0, `\n  kprobes:${'\n  - {call: sys_umask, syscall: true}'.repeat(hooks)}`)
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  /** Calls `act` with the progress of a load in each turn of the event loop until it has ended. */
  async function watch(loading: Loading, act: (done: number) => void): Promise<LoadedPolicy> {
    let isLoading = true
    const look = (): void => {
      if (!isLoading) return
      act(loading.done)
      setImmediate(look)
    }
    look()
    try {
      return await run.load(text, loading)
    } finally {
      isLoading = false
    }
  }

  it('leaves a turn to others after each step of its load', async () => {
    const seen = new Set<number>()
    const loading = new Loading()
    const loaded = await watch(loading, (done) => seen.add(done))
    assert.deepEqual([...seen], [...Array(3 * hooks).keys(), 3 * hooks].slice(0, seen.size))
    assert.ok(seen.size >= 3 * hooks, `${seen.size}`)
    await run.unload(loaded)
  })

  for (const [part, step] of [
    ['compiled', 3],
    ['loaded', hooks + 3],
    ['attached', 2 * hooks + 3],
  ] as const) {
    it(`leaves nothing behind if it is deleted while it is being ${part}`, async () => {
      const policies = await run.agent.policies()
      const programs = (): number => listPrograms().filter(({ name }) => isOurs(name)).length
      const before = programs()
      const loading = new Loading()
      const load = watch(loading, (done) => {
        if (done >= step) loading.cancel()
      })
      await assert.rejects(load, /^AgentError: load policy many-0: it was deleted in the meantime$/)
      assert.deepEqual([policies.loaded.size, programs()], [0, before])
      // The next change is not affected.
      await run.unload(await run.load(text))
    })
  }
})

/** Whether a program is one of the policy's. */
function isOurs(name: string): boolean {
  return name.startsWith('tg_sys_umask')
}
