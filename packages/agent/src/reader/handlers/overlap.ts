/** Maximum number of hits that are kept; beyond it a hit may be posted twice. */
const cacheMax = 8192
/** How long the hits of an overlap are remembered after it, in milliseconds. */
const lingerMs = 10_000

/** Hits of one of the policies, with the same process and content. */
export interface OverlapHits {
  /** Equal refusals of all threads of a process are counted together. */
  readonly pid: number
  /** Function, arguments and result. */
  readonly content: string
  /** The function and the arguments of a call with a result; undefined: calls have none. */
  readonly call?: string | undefined
  /** Whether the result of the call was not seen. */
  readonly isLate?: boolean
  readonly hits: number
  /** When they began, as boot time in nanoseconds. */
  readonly time: number
  /** Whether the other policy cannot see them afterwards. */
  readonly isFinal?: boolean
}

/**
 * The time during which a policy and its successor are both loaded. A hit that both post arrives
 * twice, in either order, from the same process and with the same content: the second one is
 * dropped. Hits that only one of them posts are kept. A call whose return the old policy has missed
 * has no result there: it is the same as one of the new policy with these arguments.
 */
export class Overlap {
  readonly old: ReadonlySet<number>
  readonly fresh: ReadonlySet<number>
  /** By process and content: surplus of hits of the old policy over the new one; never 0. */
  readonly #surplus = new Map<string, number>()
  /** By process and call: results that the new policy has posted, and the old one has not. */
  readonly #ahead = new Map<string, number>()
  /** By process and call: what only the old policy has posted without result. */
  readonly #late = new Map<string, number>()
  /** The same of the new policy: when the old one is detached, both miss returns. */
  readonly #freshLate = new Map<string, number>()
  /** Boot time in nanoseconds: hits that began later are seen by the new policy only. */
  #goneAt = Number.POSITIVE_INFINITY
  #forgetAt = Number.POSITIVE_INFINITY

  /** @param old numbers of hooks @param fresh numbers of the hooks that replace them */
  constructor(old: readonly number[], fresh: readonly number[]) {
    this.old = new Set(old)
    this.fresh = new Set(fresh)
  }

  /**
   * The old policy is removed; the new one may still post its last hits again.
   * @param goneAt boot time in nanoseconds
   * @param now milliseconds
   */
  oldIsGone(goneAt: number, now: number): void {
    this.#goneAt = goneAt
    this.#forgetAt = now + lingerMs
  }

  isOver(now: number): boolean {
    // The new policy posts calls that it waits for in vain when it is replaced itself.
    return now > this.#forgetAt && this.#late.size === 0
  }

  /** Whether both policies may have posted a hit that began at a time. */
  concerns(time: number): boolean {
    return time <= this.#goneAt
  }

  /** How many of these hits the other policy has not posted. */
  unseen(hook: number, given: OverlapHits): number {
    const { pid, content, call, hits, time, isFinal = false, isLate = false } = given
    if (!this.concerns(time)) return hits
    const callKey = `${pid} ${call}`
    if (isLate) return this.#unseenLate(callKey, hits, this.old.has(hook))
    const key = `${pid} ${content}`
    const surplus = this.#surplus.get(key) ?? 0
    const sign = this.old.has(hook) ? 1 : -1
    const seen = Math.max(0, -sign * surplus)
    const now = surplus + sign * (isFinal ? Math.min(hits, seen) : hits)
    if (now === 0) this.#surplus.delete(key)
    else this.#surplus.set(key, now)
    const rest = Math.max(0, hits - seen)
    const late = call === undefined || sign > 0 ? 0 : take(this.#late, callKey, rest)
    if (call !== undefined) {
      add(this.#ahead, callKey, Math.max(0, -now) - Math.max(0, -surplus) - late)
    }
    this.#bound()
    return rest - late
  }

  /** The same for calls without their result. */
  #unseenLate(callKey: string, hits: number, isOld: boolean): number {
    const [own, others] = isOld ? [this.#late, this.#freshLate] : [this.#freshLate, this.#late]
    let rest = hits - take(others, callKey, hits)
    if (isOld) rest -= take(this.#ahead, callKey, rest)
    add(own, callKey, rest)
    this.#bound()
    return rest
  }

  #bound(): void {
    for (const map of [this.#surplus, this.#ahead, this.#late, this.#freshLate]) {
      if (map.size > cacheMax) map.clear()
    }
  }
}

function add(counts: Map<string, number>, key: string, count: number): void {
  const sum = (counts.get(key) ?? 0) + count
  if (sum <= 0) counts.delete(key)
  else counts.set(key, sum)
}

/** Takes as much as there is, up to a number. @returns how much */
function take(counts: Map<string, number>, key: string, most: number): number {
  const taken = Math.min(most, counts.get(key) ?? 0)
  if (taken > 0) add(counts, key, -taken)
  return taken
}

/** The hooks of policies that are being replaced, and of their successors. */
export class Overlaps {
  /** A policy that has replaced another one may be replaced before all calls have returned. */
  readonly #byHook = new Map<number, readonly Overlap[]>()
  readonly #all = new Set<Overlap>()

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#byHook.size === 0
  }

  /**
   * Starts an overlap.
   * @param old numbers of hooks
   * @param fresh numbers of the hooks that replace them
   */
  add(old: readonly number[], fresh: readonly number[]): void {
    if (old.length === 0) return
    const overlap = new Overlap(old, fresh)
    this.#all.add(overlap)
    for (const id of [...old, ...fresh]) {
      this.#byHook.set(id, [...(this.#byHook.get(id) ?? []), overlap])
    }
  }

  /** Whether another policy may have posted a hit of a hook that began at a time. */
  concern(hook: number, time: number): boolean {
    return this.#byHook.get(hook)?.some((overlap) => overlap.concerns(time)) ?? false
  }

  /** How many of these hits no other policy has posted. */
  unseen(hook: number, found: OverlapHits): number {
    // Each one counts all hits: those that the predecessor has posted are the successor's, too.
    const counts = this.#byHook.get(hook)?.map((overlap) => overlap.unseen(hook, found))
    return Math.min(found.hits, ...(counts ?? []))
  }

  /**
   * A hook was removed: the old one, or its successor before it took over.
   * @param removedAt boot time in nanoseconds
   * @param now milliseconds
   */
  remove(hook: number, removedAt: number, now: number): void {
    for (const overlap of this.#byHook.get(hook) ?? []) {
      if (overlap.old.has(hook)) overlap.oldIsGone(removedAt, now)
      else this.#drop(overlap)
    }
    this.#byHook.delete(hook)
  }

  /** Drops overlaps that have ended. */
  forgetOver(now: number): void {
    for (const overlap of this.#all) if (overlap.isOver(now)) this.#drop(overlap)
  }

  #drop(overlap: Overlap): void {
    this.#all.delete(overlap)
    for (const hook of [...overlap.old, ...overlap.fresh]) {
      const others = this.#byHook.get(hook)?.filter((each) => each !== overlap) ?? []
      if (others.length > 0) this.#byHook.set(hook, others)
      else this.#byHook.delete(hook)
    }
  }
}
