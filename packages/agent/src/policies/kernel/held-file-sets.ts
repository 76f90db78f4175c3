import type { Collection } from '@tetragon-ts/ebpf/collection'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import { HeldFiles, type HeldFilesOptions } from './held-files.ts'
import { InodeAddresses } from './inode-addresses.ts'

/** Interval of the checks for replaced files, in milliseconds. */
const interval = 1000

type SetOptions = Omit<HeldFilesOptions, 'root' | 'addresses' | 'warn'>

/** All sets of files that the kernel knows by their inodes: guards, and those of policies. */
export class HeldFileSets implements Disposable {
  readonly #common: Pick<HeldFilesOptions, 'root' | 'addresses' | 'warn'>
  readonly #sets = new Set<HeldFiles>()
  #checks: RepeatedAction | undefined

  /** @param root leads to that of the host */
  constructor(collection: Collection, root: string, warn: (message: string) => void) {
    this.#common = { root, addresses: new InodeAddresses(collection), warn }
  }

  /** Adds a set. It says which files are missing; the checks report those that still are. */
  hold(options: SetOptions): HeldFiles {
    const set = new HeldFiles({ ...options, ...this.#common })
    this.#sets.add(set)
    const check = (): void => this.check()
    this.#checks ??= new RepeatedAction('hold files', interval, check, this.#common.warn)
    return set
  }

  /** Removes a set that programs no longer use. */
  release(set: HeldFiles): void {
    this.#sets.delete(set)
    set[Symbol.dispose]()
  }

  /** Adds files that are new at their paths. */
  check(): void {
    for (const set of this.#sets) set.check()
  }

  [Symbol.dispose](): void {
    this.#checks?.[Symbol.dispose]()
    for (const set of this.#sets) this.release(set)
  }
}
