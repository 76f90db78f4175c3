import type { OpenMap } from '@tetragon-ts/ebpf/maps'

interface FollowedKey {
  readonly policy: number
  readonly pid: number
  readonly fd: number
}

/** Milliseconds between two looks at what ended processes have left. */
const interval = 20_000

/**
 * Removes descriptors that are no longer followed: a process that ends does not close its files
 * one by one, and a policy that is removed leaves what it followed. Without this the maps would
 * fill up.
 */
export class FollowedFilesUpkeep implements Disposable {
  readonly #maps: () => readonly OpenMap<FollowedKey, unknown>[]
  readonly #processes: OpenMap<number, unknown>
  readonly #timer: NodeJS.Timeout

  /**
   * @param maps what is followed; they may be made later
   * @param processes the table of all processes, by pid
   */
  constructor(
    maps: () => readonly OpenMap<FollowedKey, unknown>[],
    processes: OpenMap<number, unknown>,
  ) {
    this.#maps = maps
    this.#processes = processes
    this.#timer = setInterval(() => this.forgetEnded(), interval).unref()
  }

  /** Forgets what a policy followed. */
  forgetPolicy(id: number): void {
    this.#forget(({ policy }) => policy === id)
  }

  /** Forgets what processes followed that have ended. */
  forgetEnded(): void {
    const alive = new Map<number, boolean>()
    this.#forget(({ pid }) => {
      if (!alive.has(pid)) alive.set(pid, this.#processes.lookup(pid) !== undefined)
      return !alive.get(pid)
    })
  }

  #forget(isOver: (key: FollowedKey) => boolean): void {
    for (const map of this.#maps()) {
      // Not while walking: the walk would start over with each.
      for (const key of [...map.keys()].filter(isOver)) map.delete(key)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
