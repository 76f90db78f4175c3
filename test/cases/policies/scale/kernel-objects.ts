import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { listMaps } from '@tetragon-ts/ebpf/maps'
import { listPrograms } from '@tetragon-ts/ebpf/programs'

/** Descriptors of this process, and kernel programs and maps that no other process has. */
export interface Held {
  readonly descriptors: number
  readonly objects: ReadonlySet<string>
}

/** Objects that exist now. */
export function held(): Held {
  const others = heldByOthers()
  const objects = [
    ...listPrograms().map(({ id, name }) => ({ key: `prog_id ${id}`, text: `program ${name}` })),
    ...listMaps().map(({ id, name }) => ({ key: `map_id ${id}`, text: `map ${name}` })),
  ].filter(({ key }) => !others.has(key))
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    objects: new Set(objects.map(({ key, text }) => `${text} (${key})`)),
  }
}

/** Objects that other processes have descriptors of, such as another agent. */
function heldByOthers(): Set<string> {
  const found = new Set<string>()
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    const folder = `/proc/${pid}/fdinfo`
    for (const fd of attempt(() => readdirSync(folder)) ?? []) {
      const text = attempt(() => readFileSync(`${folder}/${fd}`, 'latin1')) ?? ''
      for (const [, kind, id] of text.matchAll(/^(prog_id|map_id):\s*(\d+)/gm)) {
        found.add(`${kind} ${id}`)
      }
    }
  }
  return found
}

/** Undefined if the process has ended. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/**
 * Objects that did not exist before. The kernel frees objects some time after their last use: waits
 * for that.
 */
export async function leaked(before: Held, limitMs = 30_000): Promise<string[]> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const now = held()
    const more = [...now.objects].filter((name) => !before.objects.has(name))
    if (now.descriptors > before.descriptors) {
      more.push(`${now.descriptors - before.descriptors} descriptors`)
    }
    if (more.length === 0 || performance.now() > deadline) return more
    await sleep(50)
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Used bytes of the JavaScript heap. */
export function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
