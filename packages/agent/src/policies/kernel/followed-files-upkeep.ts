import type { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { RepeatedAction } from '@tetragon-ts/service/timers'

interface FollowedKey {
  readonly policy: number
  readonly pid: number
  readonly fd: number
}

/** Interval of the clean-up, in milliseconds. */
const interval = 20_000

/**
 * Removes stale followed descriptors: a process that ends does not close its files one by one, and
 * a removed policy leaves its entries. Without this the maps would fill up.
 */
export class FollowedFilesUpkeep implements Disposable {
  readonly #maps: () => readonly OpenMap<FollowedKey, unknown>[]
  readonly #processes: OpenMap<number, unknown>
  readonly #runs: RepeatedAction

  /**
   * @param maps the followed descriptors; they may be created later
   * @param processes the table of all processes, by pid
   */
  constructor(
    maps: () => readonly OpenMap<FollowedKey, unknown>[],
    processes: OpenMap<number, unknown>,
    warn: (message: string) => void,
  ) {
    this.#maps = maps
    this.#processes = processes
    const forget = (): void => this.forgetEnded()
    this.#runs = new RepeatedAction('forget files of ended processes', interval, forget, warn)
  }

  /** Removes the entries of a policy. */
  forgetPolicy(id: number): void {
    this.#forget(({ policy }) => policy === id)
  }

  /** Removes the entries of processes that have ended. */
  forgetEnded(): void {
    const alive = new Map<number, boolean>()
    this.#forget(({ pid }) => {
      if (!alive.has(pid)) alive.set(pid, this.#processes.lookup(pid) !== undefined)
      return !alive.get(pid)
    })
  }

  #forget(isOver: (key: FollowedKey) => boolean): void {
    for (const map of this.#maps()) {
      // Not during the walk: each removal would restart it.
      for (const key of [...map.keys()].filter(isOver)) map.delete(key)
    }
  }

  [Symbol.dispose](): void {
    this.#runs[Symbol.dispose]()
  }
}
