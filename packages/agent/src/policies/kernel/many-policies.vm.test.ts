import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { attachedMax, listSize } from '@tetragon-ts/sensors/compiler'
import { PolicyRun } from '../../testing/index.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import { PolicyError } from './policy-error.ts'

/** More than the kernel allows at a function (38) and at a cgroup or tracepoint (64). */
const count = 100

/** A place in the kernel that a hundred policies share. */
interface Place {
  readonly what: string
  /** The hook of policy `message`. */
  hook(message: string): string
  /** What a process does, and how often that hits the place. */
  readonly hits: number
  readonly script: string
}

const exec = { script: 'exec /bin/true', hits: 2 }
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
    what: 'a tracepoint',
    hook: (message) => `
  tracepoints:
  - {subsystem: sched, event: sched_process_exec, message: ${message}}`,
    ...exec,
  },
  {
    what: 'a raw tracepoint',
    hook: (message) => `
  tracepoints:
  - {subsystem: sched, event: sched_process_exec, raw: true, message: ${message}}`,
    ...exec,
  },
]

describe(`${count} policies at`, () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  for (const { what, hook, hits, script } of places) {
    it(`${what} see every hit, in whatever order they come and go`, async (t) => {
      const loaded = new Map<number, LoadedPolicy>()
      const load = async (i: number): Promise<void> => {
        loaded.set(i, await run.load(policy(i, hook(`policy-${i}`))))
      }
      const unload = async (i: number): Promise<void> => {
        const gone = loaded.get(i)
        loaded.delete(i)
        if (gone) await run.unload(gone)
      }
      const check = async (): Promise<void> => {
        const events = await run.finish(run.spawn('/bin/bash', ['-c', script]))
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
      assert.equal(listNames().length, Math.ceil((count - attachedMax) / listSize))
      await check()
      // Every third, from both ends; 7 has no divisor in common with the number of policies.
      for (let i = 0; i < count; i += 3) await unload((i * 7) % count)
      await check()
      for (let i = 0; i < count; i += 6) await load((i * 7) % count)
      await check()
      for (const i of [...loaded.keys()].reverse().slice(1)) await unload(i)
      await check()
      for (const i of [...loaded.keys()]) await unload(i)
      await check()
      await listsGone()
    })
  }
})

function policy(i: number, hooks: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: many-${i}
spec:${hooks}
`
}

function sorted(map: ReadonlyMap<string, number>): unknown {
  return [...map].sort(([one], [other]) => one.localeCompare(other))
}

function listNames(): readonly string[] {
  const names = listPrograms().map(({ name }) => name)
  return names.filter((name) => name.startsWith('tg_list'))
}

/** The kernel lets go of lists in its own time. */
async function listsGone(): Promise<void> {
  for (let i = 0; i < 500 && listNames().length > 0; i++) await sleep(10)
  assert.deepEqual(listNames(), [])
}
