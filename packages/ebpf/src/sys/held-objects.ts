import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type Describe, describeById } from './object.ts'
import { objectMemory } from './object-memory.ts'

const kinds = {
  program: { link: 'anon_inode:bpf-prog', line: /^prog_id:\s*(\d+)/m },
  map: { link: 'anon_inode:bpf-map', line: /^map_id:\s*(\d+)/m },
} as const

type HeldKind = keyof typeof kinds

/** An object that this process holds open. */
export interface HeldObject {
  /** Bytes of kernel memory, see `objectMemory`. */
  readonly memoryBytes: number
}

/**
 * Programs or maps that this process has descriptors of, each once. Needs CAP_SYS_ADMIN.
 * @throws SystemCallError
 */
export function describeHeld<T>(kind: HeldKind, describe: Describe<T>): (T & HeldObject)[] {
  const held: (T & HeldObject)[] = []
  for (const [id, memoryBytes] of heldIds(kind)) {
    const object = describeById(kind, id, describe)
    if (object !== undefined) held.push({ ...object, memoryBytes })
  }
  return held
}

/** Ids, each with the bytes of kernel memory. Kernel 4.18. */
function heldIds(kind: HeldKind): Map<number, number> {
  const { link, line } = kinds[kind]
  const found = new Map<number, number>()
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`) !== link) continue
      const text = readFileSync(`/proc/self/fdinfo/${name}`, 'latin1')
      const id = Number(line.exec(text)?.[1])
      if (id > 0) found.set(id, objectMemory(text) ?? 0)
    } catch {
      // The descriptor has been closed, such as the one of the folder itself.
    }
  }
  return found
}
