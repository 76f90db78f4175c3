import { readFileSync } from 'node:fs'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { objectMemory } from '@tetragon-ts/ebpf/sys'
import type { SharedMaps } from './shared-maps.ts'

/** Bytes of kernel memory of a collection's programs and own maps. */
export function collectionMemory(collection: Collection): number {
  const own = [...collection.maps].filter(([spec]) => !collection.borrows(spec))
  const ofMaps = own.reduce((sum, [, map]) => sum + (map.memory() ?? 0), 0)
  return collection.programs.reduce((sum, program) => sum + programMemory(program), ofMaps)
}

/**
 * A collection's share of maps that others use, too, in bytes.
 * @param users all collections that may use them
 */
export function sharedMemory(
  collection: Collection,
  users: readonly Collection[],
  maps: SharedMaps,
): number {
  return [...maps]
    .filter(([spec]) => collection.uses(spec as MapSpec))
    .reduce((sum, [spec, map]) => {
      const count = users.filter((each) => each.uses(spec as MapSpec)).length
      return sum + (map.memory() ?? 0) / count
    }, 0)
}

/** It never changes. */
const known = new WeakMap<LoadedProgram, number>()

/**
 * Bytes as in /proc, in whole pages (kernel/bpf/syscall.c, bpf_prog_show_fdinfo); read once. Asking
 * for a thousand programs takes a tenth of a second: their load asks for each.
 */
export function programMemory(program: LoadedProgram): number {
  const { fd } = program
  if (fd.closed) return 0
  let memory = known.get(program)
  if (memory === undefined) {
    const text = readFileSync(`/proc/self/fdinfo/${fd.number}`, 'latin1')
    memory = objectMemory(text) ?? 0
    known.set(program, memory)
  }
  return memory
}
