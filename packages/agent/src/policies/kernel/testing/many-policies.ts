import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { PolicyRun, repeats } from '../../../testing/index.ts'
import { attachedMax, listSize } from '../dispatchers/program-list.ts'
import type { LoadedPolicy } from '../loaded-policy.ts'
import { PolicyError } from '../policy-error.ts'

/**
 * More than the kernel's limits: 38 at a function, 64 at a cgroup or tracepoint. Emulated
 * processors take 0.2 s for each: enough for a list.
 */
const count = repeats(100, attachedMax + 6)

/** A hook that many policies share. */
export interface Place {
  readonly what: string
  /** Whether each policy has its own program there, since their order matters. */
  readonly isAlone?: boolean
  /** The hook of policy `message`. */
  hook(message: string): string
  /** Script of the process, and its number of hits. */
  readonly hits: number
  readonly script: string
}

/** Hits of exec hooks: of the shell, and of what it executes. */
export const exec = { script: 'exec /bin/true', hits: 2 }

/** Tests that many policies at a place see every hit, while others come and go. */
export function testManyPolicies(places: readonly Place[]): void {
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

  for (const { what, hook, hits, script, isAlone = false } of places) {
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
}

/** Policy `many-<i>`. @param hooks YAML of its sections */
export function policy(i: number, hooks: string): string {
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
