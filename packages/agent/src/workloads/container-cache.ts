import { type ContainerPod, type ContainerText, isUnnamed } from '../processes/workload.ts'
import type { DeclaredPod } from './pod-text.ts'

/** Maximum number of cached containers, including ended ones. */
const defaultMax = 4096
/** Milliseconds until a missing container is looked up again. */
const retryMs = [100, 1000, 5000, 30_000]

/** A cached container. */
export interface CachedContainer {
  /** Undefined: unknown, or outside of pods. */
  pod: ContainerPod | undefined
  /** The pod in the bundle; undefined if there is none. */
  declared: DeclaredPod | undefined
  /** The container if it is outside of pods, and its runtime has its name. */
  container: ContainerText | undefined
  /** Whether there is a bundle that could not be read. */
  isFaulty: boolean
  /** Whether its runtime knows that it belongs to no pod. */
  isOther: boolean
  attempts: number
  /** Time of the first lookup, and of the next one; infinite if the answer is final. */
  readonly firstAt: number
  nextAt: number
  /** Whether all lookups were before the first process of the container. */
  isEarly: boolean
}

/**
 * Looks a container up, and stores the result in it.
 * @param isFirst whether no lookup was since its first process
 * @returns whether every later lookup would have the same result
 */
export type LookUp = (container: CachedContainer, isFirst: boolean) => boolean

/** Containers by id, and when each of them is looked up again. */
export class ContainerCache {
  readonly max: number
  readonly #now: () => number
  readonly #containers = new Map<string, CachedContainer>()
  /** Whether a missing container may be found at any time: lookups are repeated without end. */
  isOpenEnded = false

  constructor(now: () => number, max = defaultMax) {
    this.#now = now
    this.max = max
  }

  /** A container that was looked up. */
  get(id: string): CachedContainer | undefined {
    return this.#containers.get(id)
  }

  [Symbol.iterator](): IterableIterator<[string, CachedContainer]> {
    return this.#containers.entries()
  }

  /**
   * The container, after a lookup if one is due.
   * @param isEarly whether the container may have no process yet
   */
  find(id: string, isEarly: boolean, lookUp: LookUp): CachedContainer {
    const cached = this.#containers.get(id)
    // The runtime may not have been among the ancestors that were looked at.
    const isNew = cached?.isEarly === true && !isEarly && !isKnown(cached)
    if (cached !== undefined && cached.nextAt > this.#now() && !isNew) return cached
    const found = cached ?? newContainer(this.#now(), isEarly)
    if (isNew) found.attempts = 0
    found.isEarly &&= isEarly
    const isFirst = found.attempts++ === 0 && !found.isEarly
    found.nextAt = lookUp(found, isFirst) ? Number.POSITIVE_INFINITY : this.#nextAt(found.attempts)
    this.#containers.delete(id)
    this.#containers.set(id, found)
    if (this.#containers.size > this.max) this.#evictOneBut(id)
    return found
  }

  /** The next request looks this container up, as if it were the first one. */
  renew(container: CachedContainer): void {
    container.attempts = 0
    container.nextAt = 0
  }

  #nextAt(attempts: number): number {
    const pause = retryMs[attempts - 1] ?? (this.isOpenEnded ? retryMs.at(-1) : undefined)
    return pause === undefined ? Number.POSITIVE_INFINITY : this.#now() + pause
  }

  /** Evicts the oldest container without a pod: unknown ones, however many, do not evict pods. */
  #evictOneBut(newest: string): void {
    for (const [id, { pod }] of this.#containers) {
      if (pod === undefined && id !== newest) return void this.#containers.delete(id)
    }
    this.#containers.delete(this.#containers.keys().next().value as string)
  }
}

/** Whether more than the control group of a container is known. */
function isKnown({ pod, isOther }: CachedContainer): boolean {
  return isOther || (pod !== undefined && !isUnnamed(pod))
}

function newContainer(firstAt: number, isEarly: boolean): CachedContainer {
  return {
    pod: undefined,
    declared: undefined,
    container: undefined,
    isFaulty: false,
    isOther: false,
    attempts: 0,
    firstAt,
    nextAt: 0,
    isEarly,
  }
}
