import { readFileSync } from 'node:fs'
import type { Collection } from '@tetragon-ts/ebpf/lang'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { objectMemory } from '@tetragon-ts/ebpf/sys'

/** Bytes of kernel memory of a collection's programs and own maps. */
export function collectionMemory(collection: Collection): number {
  const own = [...collection.maps].filter(([spec]) => !collection.borrows(spec))
  const ofMaps = own.reduce((sum, [, map]) => sum + (map.memory() ?? 0), 0)
  return collection.programs.reduce((sum, program) => sum + programMemory(program), ofMaps)
}

/** Bytes as in /proc, in whole pages (kernel/bpf/syscall.c, bpf_prog_show_fdinfo). */
function programMemory({ fd }: LoadedProgram): number {
  if (fd.closed) return 0
  const text = readFileSync(`/proc/self/fdinfo/${fd.number}`, 'latin1')
  return objectMemory(text) ?? 0
}
