import type { ContainerPod } from '../processes/workload.ts'
import { ApiPods } from './api-pods.ts'
import type { PodChanges } from './pod-facts.ts'
import { apiPodText, type DeclaredPod, declaredPodText } from './pod-text.ts'
import { type BundleLocation, hostBundles, shimBundle } from './sources/bundle-folders.ts'
import { type BundleAnswer, type BundleFault, readBundle } from './sources/read-bundle.ts'

/** Maximum number of cached containers, including ended ones. */
const capacity = 4096
/** Milliseconds until a missing bundle is looked up again. */
const retryMs = [100, 1000, 5000, 30_000]

/** A cached container. */
interface Entry {
  /** Undefined: unknown, or outside of pods. */
  pod: ContainerPod | undefined
  /** The pod in the bundle; undefined if there is none. */
  declared: DeclaredPod | undefined
  /** Whether there is a bundle that could not be read. */
  isFaulty: boolean
  attempts: number
  /** Time of the next lookup; infinite if the answer is final. */
  nextAt: number
}

/** Numbers of containers by the result of their lookup. */
export interface PodCounts {
  /** Containers of pods. */
  found: number
  /** Containers outside of pods. */
  other: number
  /** Containers without a bundle in any of the locations. */
  missing: number
  /** Bundles that could not be read, by reason. */
  readonly faults: Record<BundleFault, number>
}

/** Maximum number of cached deleted pods. */
const deletedMax = 1024

/** Pods by container, from the bundles of the container runtime and from the API server. */
export class Pods {
  readonly #procfs: string
  readonly #capacity: number
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly counts: PodCounts = {
    found: 0,
    other: 0,
    missing: 0,
    faults: { unsafe: 0, unreadable: 0, too_large: 0, malformed: 0 },
  }

  /** Pods of the API server. */
  readonly api: ApiPods
  /** Whether pods are watched: the pod of a container may be found at any time. */
  #hasApi = false

  constructor(procfs: string, deleted = deletedMax, max = capacity, now = () => performance.now()) {
    this.#procfs = procfs
    this.api = new ApiPods(deleted)
    this.#capacity = max
    this.#now = now
  }

  /**
   * The pod of nested containers. The outermost one that belongs to a pod decides: containers that
   * a pod creates are part of that pod, regardless of their names.
   * @param ids ids of the containers, innermost first
   * @param ancestors pids of the ancestors of a process of the container, nearest first
   */
  of(ids: readonly string[], ancestors: Iterable<number>): ContainerPod | undefined {
    for (let at = ids.length - 1; at >= 0; at--) {
      const { pod, isFaulty } = this.#find(ids[at], ancestors)
      // A container inside one whose bundle cannot be read must not claim another pod.
      if (pod !== undefined || isFaulty) return pod
    }
    return undefined
  }

  /** Whether every later lookup of these containers has the same result. */
  isFinal(ids: readonly string[]): boolean {
    return ids.every((id) => this.#entries.get(id)?.nextAt === Number.POSITIVE_INFINITY)
  }

  /** Updates the pods of the API server. @returns pods whose text in events changed */
  update(changes: PodChanges): ReadonlySet<ContainerPod> {
    this.#hasApi = true
    this.api.update(changes)
    const changed = new Set<ContainerPod>()
    const uids = new Set(changes.pods.flatMap(({ uid, staticUid }) => [uid, staticUid]))
    for (const { pod, declared } of this.#entries.values()) {
      if (pod === undefined || declared === undefined || !uids.has(declared.pod.uid)) continue
      const text = declaredPodText(declared, this.#factsOf(declared))
      if (text.head === pod.text.head && text.tail === pod.text.tail) continue
      pod.text = text
      changed.add(pod)
    }
    return changed
  }

  #factsOf({ id, pod: { uid } }: DeclaredPod) {
    return uid === '' ? this.api.ofContainer(id) : this.api.withUid(uid)
  }

  #find(id: string, ancestors: Iterable<number>): Entry {
    const cached = this.#entries.get(id)
    if (cached !== undefined && cached.nextAt > this.#now()) return cached
    const entry = cached ?? {
      pod: undefined,
      declared: undefined,
      isFaulty: false,
      attempts: 0,
      nextAt: 0,
    }
    this.#lookUp(entry, id, ancestors)
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    if (this.#entries.size > this.#capacity) {
      this.#entries.delete(this.#entries.keys().next().value as string)
    }
    return entry
  }

  #lookUp(entry: Entry, id: string, ancestors: Iterable<number>): void {
    const answer = this.#read(id, ancestors)
    const isFirst = entry.attempts++ === 0
    const retry = retryMs[entry.attempts - 1] ?? (this.#hasApi ? retryMs.at(-1) : undefined)
    const isFinal = answer.kind === 'pod' || answer.kind === 'other' || retry === undefined
    entry.isFaulty = answer.kind === 'fault'
    entry.nextAt = isFinal ? Number.POSITIVE_INFINITY : this.#now() + retry
    if (answer.kind === 'pod') {
      entry.declared = { ...answer, id }
      entry.pod = { text: declaredPodText(entry.declared, this.#factsOf(entry.declared)) }
      this.counts.found++
      return
    }
    const facts = this.api.ofContainer(id)
    if (facts !== undefined) entry.pod = { text: apiPodText(facts, id) }
    if (answer.kind === 'other') this.counts.other++
    else if (isFirst && answer.kind === 'missing') this.counts.missing++
    else if (isFirst && answer.kind === 'fault') this.counts.faults[answer.fault]++
  }

  #read(id: string, ancestors: Iterable<number>): BundleAnswer {
    let worst: BundleAnswer = { kind: 'missing' }
    for (const { path, names } of locations(this.#procfs, id, ancestors)) {
      const answer = readBundle(path, names)
      if (answer.kind === 'pod' || answer.kind === 'other') return answer
      if (answer.kind === 'fault') worst = answer
    }
    return worst
  }
}

/** Possible locations of a bundle; the slowest one is last. */
function* locations(
  procfs: string,
  id: string,
  ancestors: Iterable<number>,
): Iterable<BundleLocation> {
  yield* hostBundles(procfs, id)
  const beside = shimBundle(procfs, id, ancestors)
  if (beside !== undefined) yield beside
}
