import type { ContainerPod } from '../processes/workload.ts'
import { KnownPods } from './known-pods.ts'
import type { PodChanges } from './pod-facts.ts'
import { type DeclaredPod, declaredPodText, knownPodText } from './pod-text.ts'
import { type BundlePlace, hostBundles, shimBundle } from './sources/bundle-folders.ts'
import { type BundleAnswer, type BundleFault, readBundle } from './sources/read-bundle.ts'

/** Containers that are remembered, ended ones included. */
const capacity = 4096
/** A bundle that is not there is looked for again after these times, in milliseconds. */
const retryMs = [100, 1000, 5000, 30_000]

/** What is known about a container. */
interface Entry {
  /** Undefined: unknown, or outside of pods. */
  pod: ContainerPod | undefined
  /** What the bundle says; undefined if the pod is unknown, or known to the API server alone. */
  declared: DeclaredPod | undefined
  /** Whether there is a bundle that could not be read. */
  isFaulty: boolean
  attempts: number
  /** When to look again; infinite if the answer is final. */
  nextAt: number
}

/** Results of lookups, one for each container. */
export interface PodCounts {
  /** Containers of pods. */
  found: number
  /** Containers outside of pods. */
  other: number
  /** Containers without a bundle in any known place. */
  missing: number
  /** Bundles that could not be read, by reason. */
  readonly faults: Record<BundleFault, number>
}

/** How many pods that are gone are remembered. */
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

  /** What the API server knows. */
  readonly known: KnownPods
  /** Whether the API server is asked: then the pod of a container may be found at any time. */
  #hasApi = false

  constructor(
    procfs: string,
    deleted = deletedMax,
    most = capacity,
    now = () => performance.now(),
  ) {
    this.#procfs = procfs
    this.known = new KnownPods(deleted)
    this.#capacity = most
    this.#now = now
  }

  /**
   * The pod of a container in others. The outermost one that belongs to a pod decides: containers
   * that a pod creates are part of that pod, whatever names they have.
   * @param ids the innermost container first
   * @param ancestors pids of processes that a process of the container descends from, nearest first
   */
  of(ids: readonly string[], ancestors: Iterable<number>): ContainerPod | undefined {
    for (let at = ids.length - 1; at >= 0; at--) {
      const { pod, isFaulty } = this.#find(ids[at], ancestors)
      // What is inside of a container whose pod cannot be read may not claim another pod.
      if (pod !== undefined || isFaulty) return pod
    }
    return undefined
  }

  /** Whether another lookup of these containers has the same answer at any later time. */
  isFinal(ids: readonly string[]): boolean {
    return ids.every((id) => this.#entries.get(id)?.nextAt === Number.POSITIVE_INFINITY)
  }

  /** Pods of the API server changed. @returns those whose text in events changed */
  update(changes: PodChanges): ReadonlySet<ContainerPod> {
    this.#hasApi = true
    this.known.update(changes)
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
    return uid === '' ? this.known.ofContainer(id) : this.known.withUid(uid)
  }

  #find(id: string, ancestors: Iterable<number>): Entry {
    const known = this.#entries.get(id)
    if (known !== undefined && known.nextAt > this.#now()) return known
    const entry = known ?? {
      pod: undefined,
      declared: undefined,
      isFaulty: false,
      attempts: 0,
      nextAt: 0,
    }
    this.#ask(entry, id, ancestors)
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    if (this.#entries.size > this.#capacity) {
      this.#entries.delete(this.#entries.keys().next().value as string)
    }
    return entry
  }

  #ask(entry: Entry, id: string, ancestors: Iterable<number>): void {
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
    const facts = this.known.ofContainer(id)
    if (facts !== undefined) entry.pod = { text: knownPodText(facts, id) }
    if (answer.kind === 'other') this.counts.other++
    else if (isFirst && answer.kind === 'missing') this.counts.missing++
    else if (isFirst && answer.kind === 'fault') this.counts.faults[answer.fault]++
  }

  #read(id: string, ancestors: Iterable<number>): BundleAnswer {
    let worst: BundleAnswer = { kind: 'missing' }
    for (const { path, names } of places(this.#procfs, id, ancestors)) {
      const answer = readBundle(path, names)
      if (answer.kind === 'pod' || answer.kind === 'other') return answer
      if (answer.kind === 'fault') worst = answer
    }
    return worst
  }
}

/** The places of a bundle; what takes longer to find comes last. */
function* places(procfs: string, id: string, ancestors: Iterable<number>): Iterable<BundlePlace> {
  yield* hostBundles(procfs, id)
  const beside = shimBundle(procfs, id, ancestors)
  if (beside !== undefined) yield beside
}
