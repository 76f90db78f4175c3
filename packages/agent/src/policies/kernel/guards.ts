import { closeSync, constants, fstatSync, lstatSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Collection } from '@tetragon-ts/ebpf/lang'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { guardProgram } from '@tetragon-ts/sensors/compiler'

/** include/uapi/asm-generic/fcntl.h: a descriptor that only names the file. */
const O_PATH = 0o10000000
/** Interval of the checks for replaced files, in milliseconds. */
const interval = 1000
/** Files that were replaced stay guarded while they may still run. */
const versionsMax = 4

/** One executable, and the files that have been at its path: the current one is the last. */
interface Guard {
  readonly path: string
  readonly descriptors: number[]
  /** Whether the missing file has been reported. */
  isMissing: boolean
}

/** The executables of the option `guarded-executables`, in the kernel. */
export class Guards implements Disposable {
  readonly #root: string
  readonly #guards: readonly Guard[]
  readonly #program: LoadedProgram
  readonly #warn: (message: string) => void
  readonly #timer: NodeJS.Timeout

  /**
   * @param collection of all policies: it has the map of the guards
   * @param root that of the host
   */
  constructor(
    collection: Collection,
    root: string,
    paths: readonly string[],
    warn: (message: string) => void,
  ) {
    this.#root = root
    this.#warn = warn
    this.#guards = paths.map((path) => ({ path, descriptors: [], isMissing: false }))
    this.#program = collection.load(guardProgram)
    this.#timer = setInterval(() => this.check(), interval).unref()
  }

  /** Adds files that are new at their paths; also called before each policy is loaded. */
  check(): void {
    for (const guard of this.#guards) this.#check(guard)
  }

  #check(guard: Guard): void {
    const place = join(this.#root, guard.path)
    try {
      const current = guard.descriptors.at(-1)
      if (current !== undefined && isSame(current, place)) return
      const descriptor = openSync(place, O_PATH | constants.O_NOFOLLOW)
      guard.descriptors.push(descriptor)
      guard.isMissing = false
      const found = fstatSync(descriptor)
      if (found.isSymbolicLink()) this.#warn(`guard ${guard.path}: it is a link: name its target`)
      else if (!found.isFile()) this.#warn(`guard ${guard.path}: it is not a file`)
      else if (!this.#run(descriptor, true)) this.#warn(`guard ${guard.path}: there are too many`)
      if (guard.descriptors.length > versionsMax) this.#forget(guard.descriptors.shift()!)
    } catch (error) {
      if (guard.isMissing) return
      guard.isMissing = true
      this.#warn(`guard ${guard.path}: ${(error as Error).message}; it is tried again`)
    }
  }

  #forget(descriptor: number): void {
    // Another path may lead to the same file.
    const { ino, dev } = fstatSync(descriptor)
    const all = this.#guards.flatMap(({ descriptors }) => descriptors)
    const isOther = all.some((each) => {
      const other = fstatSync(each)
      return other.ino === ino && other.dev === dev
    })
    if (!isOther) this.#run(descriptor, false)
    closeSync(descriptor)
  }

  #run(descriptor: number, adds: boolean): boolean {
    const context = BigUint64Array.of(BigInt(descriptor), adds ? 1n : 0n)
    return this.#program.testRun({ context: new Uint8Array(context.buffer) }).returnValue === 1
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    for (const { descriptors } of this.#guards) descriptors.splice(0).forEach(closeSync)
  }
}

/**
 * The root of the host. Its first process may be out of reach, but only an agent in a container
 * needs it.
 * @param hostMounts number of the host's mount namespace
 */
export function hostRoot(procfs: string, hostMounts: number): string {
  return statSync('/proc/self/ns/mnt').ino === hostMounts ? '/' : join(procfs, '1/root')
}

function isSame(descriptor: number, path: string): boolean {
  const [one, other] = [fstatSync(descriptor), lstatSync(path)]
  return one.ino === other.ino && one.dev === other.dev
}
