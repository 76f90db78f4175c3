import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { listMaps } from '@tetragon-ts/ebpf/open-maps'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { objectIds } from '@tetragon-ts/ebpf/sys'

/** Descriptors of this process, and kernel programs and maps that no other process has. */
export interface Held {
  readonly descriptors: number
  /** By id: a process that opens a map that is being freed can keep it, see `waitUntilGone`. */
  readonly objects: ReadonlySet<string>
}

/** Objects that exist now. */
export function held(): Held {
  const objects: string[] = [...objectIds('program')].map((id) => `prog_id ${id}`)
  objects.push(...[...objectIds('map')].map((id) => `map_id ${id}`))
  // Afterwards: an agent that starts meanwhile has descriptors of each object that was listed.
  const others = heldByOthers()
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    objects: new Set(objects.filter((object) => !others.has(object))),
  }
}

/** Adds the names of programs and maps to their ids. */
function named(objects: readonly string[]): string[] {
  const names = new Map<string, string>([
    ...listPrograms().map(({ id, name }) => [`prog_id ${id}`, name] as const),
    ...listMaps().map(({ id, name }) => [`map_id ${id}`, name] as const),
  ])
  return objects.map((object) => `${object} ${names.get(object) ?? ''}`)
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
  // Objects that only one look finds belong to an agent that ended at that moment.
  for (let last = held(); ; ) {
    const now = held()
    const both = [...now.objects].filter((object) => last.objects.has(object))
    const more = both.filter((object) => !before.objects.has(object))
    last = now
    const isLate = performance.now() > deadline
    if (isLate) more.splice(0, more.length, ...named(more))
    if (now.descriptors > before.descriptors) {
      more.push(`${now.descriptors - before.descriptors} descriptors`)
    }
    if (more.length === 0 || isLate) return more
    await sleep(50)
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/**
 * Bytes of JavaScript objects and their buffers in use. Resident memory is of no use for this: V8
 * keeps pages for as long as it likes.
 */
export function memoryInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Pages of V8's heap have this size and alignment. */
const heapPage = 2 ** 18

/** Number of mappings of this process, without those of V8's heap. */
export function mappings(): number {
  const lines = readFileSync('/proc/self/maps', 'latin1').trim().split('\n')
  return lines.filter((line) => !isHeapPage(line)).length
}

function isHeapPage(line: string): boolean {
  const [range = '', , , , , name = ''] = line.split(/\s+/)
  const [from = 0, to = 0] = range.split('-').map((address) => Number.parseInt(address, 16))
  return name === '' && from % heapPage === 0 && (to - from) % heapPage === 0
}
