import type { Selected } from '../../workloads/policy-sets/selection.ts'
import type { LateCounts } from './late-counts.ts'
import type { PreparedHook } from './prepared-hook.ts'
import type { UncertainHit } from './uncertain-hit.ts'

/** Maximum number of bytes of waiting hits. */
const heldMax = 1 << 24
/** Bytes of the objects of a hit besides its records, about. */
const hitSize = 512
const defaultWait = 30_000
/** How often waiting hits are checked, in milliseconds. */
const lookMs = 100

/** Whether control groups belong to sets of workloads. */
export interface WorkloadStates {
  state(cgroup: number, set: number): Selected
  /** Whether the group exists, or has hits that wait. */
  knows(cgroup: number): boolean
  /** Hits of a group do not wait any longer. */
  released(cgroup: number): void
}

/** Hits of a control group. */
interface Queue {
  readonly since: number
  hits: UncertainHit[]
  bytes: number
  /** They waited for too long: further hits do not wait. */
  isOver: boolean
}

/**
 * Hits of containers whose pod, or the labels of it, are not known yet. They wait until it is
 * decided whether the policy applies, in order, and at most for some time: then they are written as
 * if it did, and counted.
 */
export class UncertainHits {
  readonly #states: WorkloadStates | undefined
  readonly #waitMs: number
  readonly #counts: LateCounts
  readonly #write: (hit: UncertainHit, selector: number) => void
  readonly #now: () => number
  readonly #queues = new Map<number, Queue>()
  #bytes = 0
  /** Time of the next look at all queues. */
  #nextAt = 0
  /** Hits that were written undecided. */
  undecided = 0

  /** @param write writes the event of a hit, for this selector */
  constructor(
    states: WorkloadStates | undefined,
    waitMs: number | undefined,
    counts: LateCounts,
    write: (hit: UncertainHit, selector: number) => void,
    now = () => performance.now(),
  ) {
    this.#states = states
    this.#waitMs = waitMs ?? defaultWait
    this.#counts = counts
    this.#write = write
    this.#now = now
  }

  /** Whether hits of a group wait. */
  awaits(cgroup: number): boolean {
    return (this.#queues.get(cgroup)?.hits.length ?? 0) > 0
  }

  /** Decides a hit, or keeps it. */
  add(hit: UncertainHit): void {
    const matched = this.#matched(hit)
    if (matched !== 'unknown') return this.#settle(hit, matched)
    const { cgroup } = hit
    const queue = this.#queues.get(cgroup) ?? newQueue(this.#now())
    this.#queues.set(cgroup, queue)
    if (queue.isOver) return this.#giveUp(hit)
    queue.hits.push(hit)
    this.#grow(queue, sizeOf(hit))
    while (this.#bytes > heldMax) this.#endLargest()
  }

  #grow(queue: Queue, bytes: number): void {
    queue.bytes += bytes
    this.#bytes += bytes
  }

  /** The group with most bytes gives way: it must not end the waiting of others. */
  #endLargest(): void {
    let [largest, most] = [0, 0]
    for (const [cgroup, { bytes }] of this.#queues) {
      if (bytes > most) [largest, most] = [cgroup, bytes]
    }
    this.#end(largest)
  }

  /** Sets of a group were decided. */
  decide(cgroup: number): void {
    const queue = this.#queues.get(cgroup)
    if (queue === undefined) return
    const { hits } = queue
    queue.hits = []
    for (const hit of hits) {
      const matched = this.#matched(hit)
      if (matched === 'unknown') {
        queue.hits.push(hit)
        continue
      }
      this.#grow(queue, -sizeOf(hit))
      this.#settle(hit, matched)
    }
    if (queue.hits.length === 0) this.#release(cgroup)
  }

  /** Milliseconds until {@link expire}; infinite if nothing waits. */
  get rest(): number {
    if (this.#queues.size === 0) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#nextAt - this.#now())
  }

  /** Writes the hits that have waited for too long. Called after each batch of records. */
  expire(): void {
    const now = this.#now()
    if (now < this.#nextAt) return
    this.#nextAt = now + lookMs
    for (const [cgroup, queue] of this.#queues) {
      if (!queue.isOver && now - queue.since >= this.#waitMs) this.#end(cgroup)
      else if (queue.isOver && !this.#states?.knows(cgroup)) this.#release(cgroup)
    }
  }

  /** Writes the hits of a hook that is removed, or all hits at the end. */
  finish(hook?: PreparedHook): void {
    for (const [cgroup, queue] of [...this.#queues]) {
      const isOne = (hit: UncertainHit): boolean => hook === undefined || hit.hook === hook
      const finished = queue.hits.filter(isOne)
      queue.hits = queue.hits.filter((hit) => !isOne(hit))
      for (const hit of finished) {
        this.#grow(queue, -sizeOf(hit))
        this.#giveUp(hit)
      }
      if (queue.hits.length === 0) this.#release(cgroup)
    }
  }

  /** Writes the hits of a group; further ones do not wait. */
  #end(cgroup: number): void {
    const queue = this.#queues.get(cgroup)
    if (queue === undefined) return
    queue.isOver = true
    for (const hit of queue.hits.splice(0)) {
      this.#grow(queue, -sizeOf(hit))
      this.#giveUp(hit)
    }
    this.#states?.released(cgroup)
  }

  #release(cgroup: number): void {
    this.#queues.delete(cgroup)
    this.#states?.released(cgroup)
  }

  #giveUp(hit: UncertainHit): void {
    this.undecided++
    this.#settle(hit, hit.selector)
  }

  /** The selector that matches. */
  #matched({ hook, cgroup, candidates, selector }: UncertainHit): number | 'none' | 'unknown' {
    const { policy, selectors = [] } = hook.description.workloads ?? {}
    const stateOf = (set: number | undefined): Selected =>
      set === undefined ? 'yes' : (this.#states?.state(cgroup, set) ?? 'unknown')
    const ofPolicy = stateOf(policy)
    if (ofPolicy !== 'yes') return ofPolicy === 'no' ? 'none' : 'unknown'
    if (selectors.every((set) => set === undefined)) return selector
    for (const [i, set] of selectors.entries()) {
      if (((candidates >>> i) & 1) === 0) continue
      const ofSelector = stateOf(set)
      if (ofSelector !== 'no') return ofSelector === 'yes' ? i : 'unknown'
    }
    return 'none'
  }

  /** Programs count a hit at the function's return only: what is counted otherwise is corrected. */
  #settle(hit: UncertainHit, matched: number | 'none'): void {
    const { hook, selector, leave, entry } = hit
    const { id, workloads } = hook.description
    const { noPost = [], countsAtReturn = [] } = workloads ?? {}
    const isCounted =
      (leave !== undefined && countsAtReturn[selector]) || entry.decision !== undefined
    if (isCounted) this.#counts.add(id, selector, 'post', -1)
    if (matched === 'none') return
    const isSuppressed = matched === selector ? hit.isSuppressed : noPost[matched]
    this.#counts.add(id, matched, isSuppressed ? 'nopost' : 'post', 1)
    if (!isSuppressed) this.#write(hit, matched)
  }
}

function newQueue(since: number): Queue {
  return { since, hits: [], bytes: 0, isOver: false }
}

function sizeOf({ entry, leave }: UncertainHit): number {
  const pieces = [entry.pieces, entry.decision?.pieces, leave?.pieces]
  const inPieces = pieces.flatMap((each) => [...(each?.values() ?? [])])
  const all = [entry.bytes, entry.decision?.bytes, leave?.bytes, ...inPieces]
  return all.reduce((sum, bytes) => sum + (bytes?.length ?? 0), hitSize)
}
