import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import { hashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u32, u64 } from '@tetragon-ts/ebpf/records'

// Files that are known by the address of their inode, which is the same whatever path leads to
// them. User space holds them with descriptors, so that no other file gets the address.

/** A set of inodes by their addresses. */
export type InodeMap = MapSpec<bigint, number>

export function inodeMap(name: string, maxEntries: number): InodeMap {
  return hashMap(name, { key: u64, value: u32, maxEntries })
}

/** Whether the inode at this address is in a set. */
export function hasInode(k: Code, inodes: InodeMap, address: Int): Condition {
  const key = k.stackBytes(8)
  key.store(8, 0, address)
  return k.call('map_lookup_elem', inodes as MapSpec, key).ne(0)
}

/** Maximum number of files of a path: the current one, and those before it. */
export const versionsMax = 16

/** Files that a condition of a policy names, and the set of their inodes. */
export interface FileSet {
  /** Paths of the host. */
  readonly files: readonly string[]
  readonly inodes: InodeMap
}

/** The sets of a policy. */
export class FileSets {
  readonly #sets = new Map<readonly string[], FileSet>()

  /** The set of a condition's files: all programs of the condition use the same. */
  of(files: readonly string[]): InodeMap {
    let set = this.#sets.get(files)
    if (!set) {
      set = { files, inodes: inodeMap('tg_files', files.length * versionsMax) }
      this.#sets.set(files, set)
    }
    return set.inodes
  }

  get all(): readonly FileSet[] {
    return [...this.#sets.values()]
  }
}
