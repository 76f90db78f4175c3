import { readFileSync } from 'node:fs'
import { mappedInode, mappedInodeProgram } from '@tetragon-ts/compiler'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import { attachIterator, runIterator } from '@tetragon-ts/ebpf/links'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { type Fd, Memory, pageSize } from '@tetragon-ts/ebpf/sys'

/** Finds the inodes that files have below overlays. */
export class RealInodes {
  readonly #collection: Collection
  #program: LoadedProgram | undefined

  /** @param collection has the program, which is loaded on first use */
  constructor(collection: Collection) {
    this.#collection = collection
  }

  /**
   * A key of the inode that the kernel attaches uprobes to. It stays valid as long as a probe is
   * attached to the file. @throws SystemCallError
   */
  of(file: Fd): string {
    using mapping = Memory.map(file.number, 0, pageSize, false, 'program')
    const { btf } = this.#collection.target
    return btf.find('bpf_iter_task_vma', 'func') !== undefined
      ? this.#addressOf(mapping.address)
      : inodeOfMapping(mapping.address)
  }

  #addressOf(start: number): string {
    this.#program ??= this.#collection.load(mappedInodeProgram)
    const found = this.#collection.map(mappedInode)
    found.update(0, { start: BigInt(start), inode: 0n })
    using link = attachIterator(this.#program, 'task_vma', { tid: process.pid })
    runIterator(link)
    const { inode = 0n } = found.lookup(0) ?? {}
    if (inode === 0n) throw new Error('find the inode of a mapping: there is none')
    return String(inode)
  }
}

/** Before Linux 6.8, /proc shows the file below an overlay. */
function inodeOfMapping(start: number): string {
  const beginning = `${start.toString(16).padStart(8, '0')}-`
  const lines = readFileSync('/proc/self/maps', 'latin1').split('\n')
  const [, , , device, inode] = (lines.find((line) => line.startsWith(beginning)) ?? '').split(' ')
  return `${device} ${inode}`
}
