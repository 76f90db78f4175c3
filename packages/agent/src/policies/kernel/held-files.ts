import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { OpenMap } from '@tetragon-ts/ebpf/maps'
import { versionsMax } from '@tetragon-ts/sensors/compiler'
import type { InodeAddresses } from './inode-addresses.ts'

/** include/uapi/asm-generic/fcntl.h: a descriptor that only names the file. */
const O_PATH = 0o10000000

/** A file that is or was at a path. While its descriptor is open, the inode keeps its address. */
interface Version {
  readonly descriptor: number
  /** Its address in the kernel. */
  readonly inode: bigint
  readonly stats: Stats
}

/** One path, and the files that have been there. */
interface HeldPath {
  readonly path: string
  readonly versions: Version[]
  /** What has been reported about it, once each. */
  readonly reported: Set<string>
}

/** What holding files needs. */
export interface HeldFilesOptions {
  /** What the files are, for messages, such as `guard`. */
  readonly what: string
  /** Leads to the root of the host, which has the paths. */
  readonly root: string
  readonly paths: readonly string[]
  readonly addresses: InodeAddresses
  /** The set of their inodes in the kernel. */
  readonly inodes: OpenMap<bigint, number>
  /** Whether folders and others that are not regular files are refused. */
  readonly onlyRegular?: boolean
  readonly warn: (message: string) => void
}

/**
 * Keeps a set of inodes in the kernel: those of the files at some paths, also after they were
 * renamed or replaced. It follows no link at a path, which others may be able to change.
 */
export class HeldFiles implements Disposable {
  readonly #options: HeldFilesOptions
  readonly #paths: readonly HeldPath[]
  readonly #inSet = new Set<bigint>()

  constructor(options: HeldFilesOptions) {
    this.#options = options
    this.#paths = options.paths.map((path) => ({ path, versions: [], reported: new Set() }))
  }

  /** Adds files that are new at their paths. What cannot be added is reported. */
  check(): void {
    const isChanged = this.#paths.map((held) => this.#check(held))
    if (isChanged.includes(true)) this.#update()
  }

  /** @returns whether the path has other files than before */
  #check(held: HeldPath): boolean {
    const { root, addresses, onlyRegular } = this.#options
    const { versions, path, reported } = held
    const place = join(root, path)
    let descriptor: number | undefined
    try {
      const now = lstatSync(place)
      // An inode that is held keeps its number, too.
      if (versions.some(({ stats }) => isSame(stats, now))) return false
      if (versions.length >= versionsMax && !this.#forgetDeleted(held)) {
        throw new Error(`${versionsMax} files that were there before still exist`)
      }
      descriptor = openSync(place, O_PATH | constants.O_NOFOLLOW)
      const stats = fstatSync(descriptor)
      if (stats.isSymbolicLink()) throw new Error('it is a link: name its target')
      if (onlyRegular && !stats.isFile()) throw new Error('it is not a file')
      versions.push({ descriptor, inode: addresses.of(descriptor), stats })
      reported.clear()
      return true
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor)
      this.#report(held, (error as Error).message)
      return false
    }
  }

  /** Once, until it changes. */
  #report({ path, reported }: HeldPath, problem: string): void {
    if (reported.has(problem)) return
    reported.add(problem)
    this.#options.warn(`${this.#options.what} ${path}: ${problem}; it is tried again`)
  }

  /** Forgets the oldest file without a name. @returns whether there was one */
  #forgetDeleted({ versions }: HeldPath): boolean {
    const at = versions.findIndex(({ descriptor }) => fstatSync(descriptor).nlink === 0)
    if (at < 0) return false
    const [{ descriptor }] = versions.splice(at, 1)
    this.#update()
    closeSync(descriptor)
    return true
  }

  /** Several paths may lead to the same file. */
  #update(): void {
    const { inodes } = this.#options
    const wanted = new Set(
      this.#paths.flatMap(({ versions }) => versions.map((each) => each.inode)),
    )
    for (const inode of this.#inSet) {
      if (wanted.has(inode)) continue
      inodes.delete(inode)
      this.#inSet.delete(inode)
    }
    for (const inode of wanted) {
      if (this.#inSet.has(inode)) continue
      inodes.update(inode, 1)
      this.#inSet.add(inode)
    }
  }

  /** Closes the files. The set must no longer be used. */
  [Symbol.dispose](): void {
    for (const { versions } of this.#paths) {
      for (const { descriptor } of versions.splice(0)) closeSync(descriptor)
    }
  }
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev
}
