import { containerIdOfNames } from './container-id.ts'

/** More than the kernel side's table: it would not send an evicted group again. */
const capacity = 8192

interface CachedContainer {
  readonly container: string
  /** Used since it was last checked as the oldest one. */
  isUsed: boolean
}

/** Container ids by control group; the kernel side sends a group before its first process. */
export class Containers {
  readonly #capacity: number
  readonly #cache = new Map<number, CachedContainer>()

  constructor(most = capacity) {
    this.#capacity = most
  }

  /**
   * Adds a group, possibly again.
   * @param cgroup its id in the kernel
   * @param names its own name and those of its parents, outermost last
   */
  add(cgroup: number, names: readonly string[]): void {
    this.#cache.delete(cgroup)
    this.#cache.set(cgroup, { container: containerIdOfNames(names), isUsed: false })
    while (this.#cache.size > this.#capacity) this.#forgetOne()
  }

  /**
   * First 31 characters of the id of a group's container; empty if there is none.
   * @param last container of the previous image, for an evicted group: the kernel side does not
   *   send the group of that image again
   */
  of(cgroup: number, last = ''): string {
    const known = this.#cache.get(cgroup)
    if (known === undefined) return last
    known.isUsed = true
    return known.container
  }

  /** Evicts the oldest group that was not used recently. */
  #forgetOne(): void {
    for (const [cgroup, known] of this.#cache) {
      this.#cache.delete(cgroup)
      if (!known.isUsed) return
      known.isUsed = false
      this.#cache.set(cgroup, known)
    }
  }
}
