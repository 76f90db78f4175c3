import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenMap } from '@tetragon-ts/ebpf/maps'
import { versionsMax } from '@tetragon-ts/sensors/compiler'
import type { InodeAddresses } from './inode-addresses.ts'

/** include/uapi/asm-generic/fcntl.h: a descriptor that only names the file. */
const O_PATH = 0o10000000
/** Numbers of inodes can have 64 bits. */
const exact = { bigint: true } as const

/** A file that is or was at a path. While its descriptor is open, the inode keeps its address. */
interface Version {
  readonly descriptor: number
  /** Its address in the kernel. */
  readonly inode: bigint
  readonly stats: BigIntStats
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
  /** Whether the set in the kernel has no room for all. */
  #isIncomplete = false

  constructor(options: HeldFilesOptions) {
    this.#options = options
    this.#paths = [...new Set(options.paths)].map((path) => {
      return { path, versions: [], reported: new Set() }
    })
  }

  /** Paths without a file, with the reasons. */
  get missing(): readonly { readonly path: string; readonly reason: string }[] {
    return this.#paths
      .filter(({ versions }) => !versions.some(({ inode }) => this.#inSet.has(inode)))
      .map(({ path, reported }) => ({ path, reason: [...reported].join('; ') }))
  }

  /** Adds files that are new at their paths. What cannot be added is reported. */
  check(): void {
    const isChanged = this.#paths.map((held) => this.#check(held))
    if (isChanged.includes(true) || this.#isIncomplete) this.#update()
  }

  /** @returns whether the path has other files than before */
  #check(held: HeldPath): boolean {
    const { root, addresses, onlyRegular } = this.#options
    const { versions, path, reported } = held
    const place = join(root, path)
    let descriptor: number | undefined
    try {
      refuseLinks(root, path)
      const now = lstatSync(place, exact)
      // An inode that is held keeps its number, too.
      if (versions.some(({ stats }) => isSame(stats, now))) return false
      if (versions.length >= versionsMax && !this.#forgetDeleted(held)) {
        throw new Error(`${versionsMax} files that were there before still exist`)
      }
      descriptor = openSync(place, O_PATH | constants.O_NOFOLLOW)
      const stats = fstatSync(descriptor, exact)
      if (stats.isSymbolicLink()) throw new Error(isLink)
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
    const at = versions.findIndex(({ descriptor }) => fstatSync(descriptor, exact).nlink === 0n)
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
    this.#isIncomplete = false
    for (const held of this.#paths) for (const { inode } of held.versions) this.#add(inode, held)
  }

  #add(inode: bigint, held: HeldPath): void {
    if (this.#inSet.has(inode)) return
    try {
      this.#options.inodes.update(inode, 1)
      this.#inSet.add(inode)
    } catch (error) {
      this.#isIncomplete = true
      this.#report(held, (error as Error).message)
    }
  }

  /** Closes the files. The set must no longer be used. */
  [Symbol.dispose](): void {
    for (const { versions } of this.#paths) {
      for (const { descriptor } of versions.splice(0)) closeSync(descriptor)
    }
  }
}

const isLink = 'it is a link: name its target'

/**
 * Links in the path lead to files that others may choose, and absolute ones, seen from a container,
 * to files of the container.
 */
function refuseLinks(root: string, path: string): void {
  const names = path.split('/').slice(1)
  for (let count = 1; count <= names.length; count++) {
    const part = `/${names.slice(0, count).join('/')}`
    if (!lstatSync(join(root, part)).isSymbolicLink()) continue
    throw new Error(part === path ? isLink : `${part} is a link: name its target`)
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev
}
