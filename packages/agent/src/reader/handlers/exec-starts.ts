import type { ProcessCache } from '../../processes/process-cache.ts'

/** When processes last dropped their image to execute another one, in nanoseconds since boot. */
export class ExecStarts {
  readonly #cache: ProcessCache
  readonly #starts = new Map<number, number>()
  #pruneAt = 1024

  constructor(cache: ProcessCache) {
    this.#cache = cache
  }

  add(pid: number, time: number): void {
    this.#starts.set(pid, time)
    if (this.#starts.size >= this.#pruneAt) this.#prune()
  }

  /** Undefined: none was seen. */
  of(pid: number): number | undefined {
    return this.#starts.get(pid)
  }

  clear(): void {
    this.#starts.clear()
  }

  /** Drops ended processes. At least as many more are then added before it happens again. */
  #prune(): void {
    for (const pid of this.#starts.keys()) {
      if (!this.#cache.get(pid) && !this.#cache.ended(pid)) this.#starts.delete(pid)
    }
    this.#pruneAt = Math.max(1024, 2 * this.#starts.size)
  }
}
