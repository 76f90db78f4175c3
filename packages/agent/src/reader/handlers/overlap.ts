/** So many hits are remembered; beyond that a hit may be posted twice. */
const cacheMax = 8192
/** A hit that began before the old policy was gone is over by then, in milliseconds. */
const lingerMs = 200

/**
 * The time in which a policy and the one that takes its place both watch. A hit that both post
 * comes twice, in either order, from one thread and with the same content: the second of the two is
 * dropped. What only one of them posts stays.
 */
export class Overlap {
  readonly old: ReadonlySet<number>
  readonly fresh: ReadonlySet<number>
  /** By thread and content: how many more the old one posted than the other; never 0. */
  readonly #surplus = new Map<string, number>()
  #endsAt = Number.POSITIVE_INFINITY

  /** @param old numbers of hooks @param fresh those of the hooks that take their place */
  constructor(old: readonly number[], fresh: readonly number[]) {
    this.old = new Set(old)
    this.fresh = new Set(fresh)
  }

  /** The old one is gone; what it posted at last may still come once more from the other. */
  oldIsGone(now: number): void {
    this.#endsAt = now + lingerMs
  }

  isOver(now: number): boolean {
    return now > this.#endsAt
  }

  /** Whether the other one posted this hit already. @param content function and arguments */
  isTwice(hook: number, tid: number, content: string): boolean {
    const key = `${tid} ${content}`
    const surplus = this.#surplus.get(key) ?? 0
    const step = this.old.has(hook) ? 1 : -1
    const now = surplus + step
    if (now === 0) this.#surplus.delete(key)
    else this.#surplus.set(key, now)
    if (this.#surplus.size > cacheMax) this.#surplus.clear()
    return surplus * step < 0
  }
}

/** The hooks of policies that are being replaced, and of those that take their place. */
export class Overlaps {
  readonly #byHook = new Map<number, Overlap>()

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#byHook.size === 0
  }

  /** Both post for a while. @param old numbers of hooks @param fresh those that take their place */
  add(old: readonly number[], fresh: readonly number[]): void {
    if (old.length === 0) return
    const overlap = new Overlap(old, fresh)
    for (const id of [...old, ...fresh]) this.#byHook.set(id, overlap)
  }

  /** The overlap that a hook is in, if it is in one. */
  of(hook: number): Overlap | undefined {
    return this.#byHook.get(hook)
  }

  /** A hook was removed: the old one, or before that one that was to take its place. */
  remove(hook: number, now: number): void {
    const overlap = this.#byHook.get(hook)
    if (overlap?.old.has(hook)) {
      overlap.oldIsGone(now)
      this.#byHook.delete(hook)
    } else if (overlap) {
      for (const each of [...overlap.old, ...overlap.fresh]) this.#byHook.delete(each)
    }
  }

  /** Forgets those that are over. */
  forgetOver(now: number): void {
    for (const [hook, overlap] of this.#byHook) {
      if (overlap.isOver(now)) this.#byHook.delete(hook)
    }
  }
}
