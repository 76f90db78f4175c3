import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import { hashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Hook } from '@tetragon-ts/policy'

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

/** The sets of a policy: one for each condition, which all programs of the condition use. */
export class FileSets {
  readonly #sets: FileSet[] = []

  get all(): readonly FileSet[] {
    return this.#sets
  }

  /** Declares the sets of a hook. */
  add({ selectors }: Hook): void {
    const matches = selectors.flatMap(({ args, data, returnArgs }) => [args, data, returnArgs])
    for (const { test } of matches.flat()) {
      if (test.operator !== 'equal-string' || !test.files) continue
      const { files } = test
      this.#sets.push({ files, inodes: inodeMap('tg_files', files.length * versionsMax) })
    }
  }

  /** The set of a condition's files. */
  of(files: readonly string[]): InodeMap {
    const set = this.#sets.find((each) => each.files === files)
    if (!set) throw new Error(`no condition of the policy names ${files.join(', ')}`)
    return set.inodes
  }
}
