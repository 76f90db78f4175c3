import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listMaps } from '@tetragon-ts/ebpf/open-maps'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { objectIds } from '@tetragon-ts/ebpf/sys'
import { readIfThere } from './read-if-there.ts'

/** The kernel releases programs some time after the last reference is gone. */
const releaseLimitMs = 60_000

/** Programs and maps that a process has descriptors of, with their ids: others have their own. */
export function heldBy(pid: number): string[] {
  const folder = `/proc/${pid}/fdinfo`
  return readdirSync(folder).flatMap((fd) => {
    const text = readIfThere(join(folder, fd))
    return [...text.matchAll(/^(prog|map)_id:\s*(\d+)$/gm)].map(([, kind, id]) => `${kind} ${id}`)
  })
}

/** All programs and maps in the kernel, and their names. */
export function objectsInKernel(): Map<string, string> {
  return new Map([
    ...listPrograms().map(({ id, name }) => [`prog ${id}`, name] as const),
    ...listMaps().map(({ id, name }) => [`map ${id}`, name] as const),
  ])
}

/**
 * Waits until the kernel has none of these. It looks at ids only: an array of programs whose last
 * descriptor is closed for the second time, by someone who has opened it by its id, before the
 * kernel has cleared it after the first time, stays forever (prog_array_map_clear in
 * kernel/bpf/arraymap.c takes a reference for work that is pending already).
 * @throws AssertionError if some stay
 */
export async function waitUntilGone(held: readonly string[]): Promise<void> {
  const deadline = performance.now() + releaseLimitMs
  const left = () => {
    const programs = [...objectIds('program')].map((id) => `prog ${id}`)
    const all = new Set([...programs, ...[...objectIds('map')].map((id) => `map ${id}`)])
    return held.filter((object) => all.has(object))
  }
  while (left().length > 0 && performance.now() < deadline) await sleep(20)
  assert.deepEqual(left(), [])
}
