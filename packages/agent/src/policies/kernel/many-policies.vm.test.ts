import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { guestKernel, isFull, PolicyRun, repeats } from '../../testing/index.ts'
import { Loading } from '../registry/policy-loader.ts'
import { attachedMax, listSize } from './dispatchers/program-list.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import { PolicyError } from './policy-error.ts'

/**
 * More than the kernel's limits: 38 at a function, 64 at a cgroup or tracepoint. Emulated
 * processors take 0.2 s for each: enough for a list.
 */
const many = repeats(100, attachedMax + 6)

/** A hook that many policies share. */
interface Place {
  readonly what: string
  /** Whether other kernels have another back end there than this machine. */
  readonly differs?: boolean
  /** Whether each policy has its own program there, since their order matters. */
  readonly isAlone?: boolean
  /** The hook of policy `message`. */
  hook(message: string): string
  /** Script of the process, and its number of hits. */
  readonly hits: number
  readonly script: string
}

const exec = { script: 'exec /bin/true', hits: 2 }
const places: readonly Place[] = [
  {
    what: 'a function',
    differs: true,
    hook: (message) => `
  kprobes:
  - {call: security_bprm_check, syscall: false, message: ${message}}`,
    ...exec,
  },
  {
    what: 'the return of a function',
    differs: true,
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
    differs: true,
    hook: (message) => `
  lsmhooks:
  - {hook: bprm_check_security, message: ${message}}`,
    ...exec,
  },
  {
    what: 'a function with an equivalent at a cgroup',
    hook: (message) => `
  kprobes:
  - call: tcp_connect
    syscall: false
    message: ${message}
    args: [{index: 0, type: sock}]`,
    // Nothing listens there.
    script: 'echo > /dev/tcp/127.0.0.1/1',
    hits: 1,
  },
  {
    what: 'a system call',
    hook: (message) => `
  kprobes:
  - {call: sys_umask, syscall: true, message: ${message}}`,
    script: 'umask 022; umask 077',
    hits: 2,
  },
  {
    what: 'the return of a system call',
    hook: (message) => `
  kprobes:
  - call: sys_umask
    syscall: true
    message: ${message}
    return: true
    returnArg: {index: 0, type: int}`,
    script: 'umask 022; umask 077',
    hits: 2,
  },
  {
    what: 'a tracepoint',
    hook: (message) => `
  tracepoints:
  - {subsystem: task, event: task_newtask, message: ${message}}`,
    script: '(:); (:); :',
    hits: 2,
  },
  {
    what: 'a raw tracepoint',
    hook: (message) => `
  tracepoints:
  - {subsystem: task, event: task_newtask, raw: true, message: ${message}}`,
    script: '(:); (:); :',
    hits: 2,
  },
  {
    what: 'the raw tracepoint of execs',
    isAlone: true,
    hook: (message) => `
  tracepoints:
  - {subsystem: sched, event: sched_process_exec, raw: true, message: ${message}}`,
    ...exec,
  },
]

describe('many policies', () => {
  let run: PolicyRun
  const loaded = new Map<number, LoadedPolicy>()
  before(async () => {
    run = await PolicyRun.start()
  })
  afterEach(async () => {
    for (const policy of loaded.values()) await run.unload(policy)
    loaded.clear()
  })
  after(() => run?.stop())

  /** Lists of this agent only: other agents may have some too. */
  async function lists(): Promise<number> {
    const shared = (await run.agent.policies()).shared.flatMap(({ programs }) => programs)
    return shared.filter(({ name }) => name.startsWith('tg_list')).length
  }

  const count = many
  const chosen = places.filter(({ differs }) => guestKernel === undefined || differs === true)
  for (const { what, hook, hits, script, isAlone = false } of chosen) {
    it(`${count} at ${what} see every hit, in whatever order they are loaded and unloaded`, async (t) => {
      const load = async (i: number): Promise<void> => {
        loaded.set(i, await run.load(policy(i, hook(`policy-${i}`))))
      }
      const unload = async (i: number): Promise<void> => {
        const gone = loaded.get(i)
        if (gone) await run.unload(gone)
        loaded.delete(i)
      }
      const check = async (): Promise<void> => {
        // A shell whose input is a socket would read its start-up file.
        const events = await run.finish(run.spawn('/bin/bash', ['--norc', '-c', script]))
        const seen = new Map<string, number>()
        for (const { body } of events) {
          const { message } = body as { readonly message?: string }
          seen.set(message ?? '', (seen.get(message ?? '') ?? 0) + 1)
        }
        const wanted = new Map([...loaded.keys()].map((i) => [`policy-${i}`, hits]))
        assert.deepEqual(sorted(seen), sorted(wanted))
      }

      try {
        await load(0)
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error
        return t.skip(error.message)
      }
      for (let i = 1; i < count; i++) await load(i)
      const backends = [...loaded.values()].flatMap(({ compiled }) =>
        compiled.hooks.map(({ planned }) => planned.plan.backend),
      )
      t.diagnostic(`back end ${backends[0]}`)
      assert.deepEqual([...new Set(backends)], [backends[0]])
      // The list of a system call starts with a program that was attached before.
      const added = backends[0] === 'syscall' ? listSize - 1 : listSize
      // Where results decide, all programs are in lists.
      const direct = backends[0] === 'lsm' ? 0 : attachedMax
      assert.equal(await lists(), isAlone ? 0 : Math.ceil((count - direct) / added))
      await check()
      const third = jumbled(count).filter((_, at) => at % 3 === 0)
      for (const i of third) await unload(i)
      await check()
      for (const i of third.slice(0, count / 6)) await load(i)
      await check()
      for (const i of [...loaded.keys()].reverse().slice(1)) await unload(i)
      await check()
      for (const i of [...loaded.keys()]) await unload(i)
      await check()
      assert.equal(await lists(), 0)
    })
  }
})

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

function policy(i: number, hooks: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: many-${i}
spec:${hooks}
`
}

/** The first numbers, each once, in scattered order. */
function jumbled(count: number): readonly number[] {
  const prime = 101
  const all = Array.from({ length: prime }, (_, i) => (i * 37) % prime)
  return all.filter((i) => i < count)
}

function sorted(map: ReadonlyMap<string, number>): unknown {
  return [...map].sort(([one], [other]) => one.localeCompare(other))
}
