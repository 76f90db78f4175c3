import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { versionsMax } from '@tetragon-ts/compiler'
import type { OpenMap } from '@tetragon-ts/ebpf/open-maps'
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
  /** Why a file was not added, and whether that has been reported. */
  readonly problems: Map<string, boolean>
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
 * renamed or replaced. It follows no link in a path, which others may be able to change.
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
      return { path, versions: [], problems: new Map() }
    })
    this.#addNew()
  }

  /** Paths without a file, with the reasons. */
  get missing(): readonly { readonly path: string; readonly reason: string }[] {
    return this.#paths
      .filter(({ versions }) => !versions.some(({ inode }) => this.#inSet.has(inode)))
      .map(({ path, problems }) => ({ path, reason: [...problems.keys()].join('; ') }))
  }

  /** Adds files that are new at their paths. A file that cannot be added is reported once. */
  check(): void {
    this.#addNew()
    for (const { path, problems } of this.#paths) {
      for (const [problem, isReported] of problems) {
        if (!isReported) this.#warn(path, problem)
        problems.set(problem, true)
      }
    }
  }

  #warn(path: string, problem: string): void {
    this.#options.warn(`${this.#options.what} ${path}: ${problem}; it is tried again`)
  }

  #addNew(): void {
    // Many files are in the same folders.
    const folders = new Set<string>()
    const isChanged = this.#paths.map((held) => this.#check(held, folders))
    if (isChanged.includes(true) || this.#isIncomplete) this.#update()
  }

  /**
   * @param folders that are not links; others on the way are added
   * @returns whether the path has other files than before
   */
  #check(held: HeldPath, folders: Set<string>): boolean {
    const { root, addresses, onlyRegular } = this.#options
    const { versions, path, problems } = held
    const place = join(root, path)
    let descriptor: number | undefined
    try {
      refuseLinks(root, path, folders)
      const now = lstatSync(place, exact)
      if (now.isSymbolicLink()) throw new Error('it is a link: name its target')
      // An inode that is held keeps its number, too.
      if (versions.some(({ stats }) => isSame(stats, now))) return false
      if (versions.length >= versionsMax && !this.#forgetDeleted(held)) {
        throw new Error(`${versionsMax} files that were there before still exist`)
      }
      descriptor = openSync(place, O_PATH | constants.O_NOFOLLOW)
      const stats = fstatSync(descriptor, exact)
      if (!isSame(stats, now)) throw new Error('it has just been replaced')
      if (onlyRegular && !stats.isFile()) throw new Error('it is not a file')
      versions.push({ descriptor, inode: addresses.of(descriptor), stats })
      problems.clear()
      return true
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor)
      addProblem(held, error as Error)
      return false
    }
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
      addProblem(held, error as Error)
    }
  }

  /** Closes the files. The set must no longer be used. */
  [Symbol.dispose](): void {
    for (const { versions } of this.#paths) {
      for (const { descriptor } of versions.splice(0)) closeSync(descriptor)
    }
  }
}

/**
 * Links in the path lead to files that others may choose, and absolute ones, seen from a container,
 * to files of the container.
 */
function refuseLinks(root: string, path: string, folders: Set<string>): void {
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end)
    if (folders.has(folder)) continue
    if (lstatSync(join(root, folder)).isSymbolicLink()) {
      throw new Error(`${folder} is a link: name its target`)
    }
    folders.add(folder)
  }
}

function addProblem({ problems }: HeldPath, { message }: Error): void {
  if (!problems.has(message)) problems.set(message, false)
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev
}
