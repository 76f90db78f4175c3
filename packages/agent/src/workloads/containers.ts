import { containerIdOfNames } from './container-id.ts'

/**
 * More than the kernel side takes for known at a time: it would not send a forgotten group again.
 */
const capacity = 8192

interface CachedContainer {
  readonly container: string
  /** Asked for since it was looked at last as the oldest one. */
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
   * Adds a group, which may have been known before.
   * @param cgroup its id in the kernel
   * @param names its own name and those of groups above it, the outermost last
   */
  add(cgroup: number, names: readonly string[]): void {
    this.#cache.delete(cgroup)
    this.#cache.set(cgroup, { container: containerIdOfNames(names), isUsed: false })
    while (this.#cache.size > this.#capacity) this.#forgetOne()
  }

  /**
   * First 31 characters of the id of the container that a group belongs to; empty if there is none.
   * @param last the container of the image before, for a group that was forgotten: the kernel side
   *   does not send the group of that image again
   */
  of(cgroup: number, last = ''): string {
    const known = this.#cache.get(cgroup)
    if (known === undefined) return last
    known.isUsed = true
    return known.container
  }

  /** Forgets the oldest group that was not asked for lately. */
  #forgetOne(): void {
    for (const [cgroup, known] of this.#cache) {
      this.#cache.delete(cgroup)
      if (!known.isUsed) return
      known.isUsed = false
      this.#cache.set(cgroup, known)
    }
  }
}
