import type { ContainerPod, ContainerText, PodText } from '../processes/workload.ts'
import { type CachedContainer, ContainerCache } from './container-cache.ts'
import { addLabels, containerText } from './container-text.ts'
import { KnownPods } from './known-pods.ts'
import { type PodChanges, type PodFacts, textLengthOf, withoutTexts } from './pod-facts.ts'
import { apiPodText, type DeclaredPod, declaredPodText } from './pod-text.ts'
import { findContainer } from './sources/find-container.ts'
import { podmanScheme } from './sources/podman.ts'
import type { ContainerLabels, RuntimeContainer } from './sources/runtime-container.ts'
import type { FileFault } from './sources/trusted-file.ts'

/** The pod of nested containers; without one, the container. */
export interface FoundContainer {
  readonly pod: ContainerPod | undefined
  readonly container: ContainerText | undefined
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
  readonly faults: Record<FileFault, number>
}

/** Maximum number of cached deleted pods. */
const deletedMax = 1024
/** Number of characters of a forgotten pod that its cached containers may keep. */
const forgottenMax = 4096
/** Milliseconds until a container without a bundle is considered to belong to no pod. */
const defaultWait = 30_000

/** Ids of new containers, for the sockets of their runtimes. */
export interface ContainerQuestions {
  readonly cri: readonly string[]
  readonly podman: readonly string[]
}

/** Settings of the lookup; absent ones have a default. */
export interface PodsOptions {
  /** Maximum number of cached deleted pods. */
  readonly deletedMax?: number | undefined
  /** Maximum number of cached containers. */
  readonly max?: number
  /** Milliseconds until a container without a bundle is considered to belong to no pod. */
  readonly waitMs?: number | undefined
  /** Whether the API server is watched. */
  readonly isWatching?: boolean | undefined
  /** Whether the socket of the runtime is asked for new containers. */
  readonly asksRuntime?: boolean | undefined
  now?(): number
}

/** Pods by container: from files, hooks and the socket of its runtime, and from the API server. */
export class Pods {
  readonly #procfs: string
  readonly #waitMs: number
  readonly #isWatching: boolean
  readonly #now: () => number
  readonly #cache: ContainerCache
  readonly counts: PodCounts = {
    found: 0,
    other: 0,
    missing: 0,
    faults: { unsafe: 0, unreadable: 0, too_large: 0, malformed: 0 },
  }

  readonly #others: KnownPods
  /** New containers; undefined: the socket of the runtime is not asked. */
  readonly #questions: string[] | undefined
  /** New containers of Podman. */
  readonly #ofPodman: string[] = []

  constructor(procfs: string, options: PodsOptions = {}) {
    const { now = () => performance.now() } = options
    this.#procfs = procfs
    this.#cache = new ContainerCache(now, options.max)
    this.#others = new KnownPods(options.deletedMax ?? deletedMax, this.#cache.max)
    this.#questions = options.asksRuntime ? [] : undefined
    this.#waitMs = options.waitMs ?? defaultWait
    this.#isWatching = options.isWatching ?? false
    this.#now = now
  }

  /**
   * The pod of nested containers. The outermost one that belongs to a pod decides: containers that
   * a pod creates are part of that pod, regardless of their names. Without a pod, the outermost one
   * that has a name decides.
   * @param ids ids of the containers, innermost first
   * @param pids of processes among which the runtime is, or of which it is an ancestor
   */
  of(ids: readonly string[], pids: Iterable<number>): FoundContainer {
    return outermost(ids, (id) => this.#find(id, pids, false))
  }

  /** The same without looking anything up. */
  cached(ids: readonly string[]): FoundContainer {
    return outermost(ids, (id) => this.#cache.get(id))
  }

  /**
   * The same for a group that may have no process yet.
   * @param pid a process whose ancestors may include the runtime
   * @param since time of the group's first lookup: containers may have been evicted since
   * @returns `outside` if the containers belong to no pod
   */
  known(
    ids: readonly string[],
    pid: number,
    since = this.#now(),
  ): ContainerPod | 'outside' | 'unknown' {
    let isOutside = true
    for (const id of ids.toReversed()) {
      const entry = this.#find(id, [pid], true)
      if (entry.pod !== undefined) return entry.pod
      if (entry.isFaulty) return 'unknown'
      isOutside &&= !this.#others.isPlaced(id) && this.#isOutside(entry, since)
    }
    return isOutside ? 'outside' : 'unknown'
  }

  /** Whether a container belongs to no pod: no bundle and no pod in the API has it after a time. */
  #isOutside({ isOther, firstAt }: CachedContainer, since: number): boolean {
    const mayBeMissed = this.#isWatching && !this.#cache.isOpenEnded
    const waited = this.#now() - Math.min(firstAt, since)
    return isOther || (!mayBeMissed && waited >= this.#waitMs)
  }

  /** Whether every later lookup of these containers has the same result. */
  isFinal(ids: readonly string[]): boolean {
    return ids.every((id) => this.#cache.get(id)?.nextAt === Number.POSITIVE_INFINITY)
  }

  /**
   * The container is in the control group that the kubelet made for a pod. Its files say more, if
   * they can be read before it ends.
   */
  place(id: string, uid: string): void {
    this.#others.place(id, uid)
  }

  /** Pods of the API server. */
  get api(): KnownPods['api'] {
    return this.#others.api
  }

  /** Containers to look up in the sockets of their runtimes; each is returned once. */
  takeQuestions(): ContainerQuestions {
    return { cri: this.#questions?.splice(0) ?? [], podman: this.#ofPodman.splice(0) }
  }

  /** Updates the pods of the API server. @returns pods whose text in events changed */
  update(changes: PodChanges): ReadonlySet<ContainerPod> {
    this.#cache.isOpenEnded = true
    const forgotten = this.api.update(changes)
    return this.#changed(changes.pods, forgotten)
  }

  /** Adds a pod of the runtime's socket. @returns pods whose text in events changed */
  addOfRuntime(pod: PodFacts): ReadonlySet<ContainerPod> {
    const forgotten = this.#others.runtime.add(pod)
    return this.#changed([pod], forgotten)
  }

  /**
   * Adds a container that a hook of the runtime reported before its first process. Its files are
   * trusted more.
   * @returns pods whose text in events changed
   */
  addHooked(declared: DeclaredPod): ReadonlySet<ContainerPod> {
    const entry = this.#find(declared.id, [], true)
    this.#others.addHooked(declared)
    if (entry.declared === undefined) {
      this.#declare(entry, declared)
      // The runtime writes the files later, which may say more.
      this.#cache.renew(entry)
    }
    return new Set(entry.pod && [entry.pod])
  }

  /** Adds labels of a container outside of pods. @returns the container, if it is cached */
  addLabels(labels: ContainerLabels): ContainerText | undefined {
    const container = this.#cache.get(labels.id)?.container
    if (container !== undefined) addLabels(container, labels)
    return container
  }

  /** @param forgotten pods that no source has any more: their containers keep a short text */
  #changed(pods: readonly PodFacts[], forgotten: readonly PodFacts[]): ReadonlySet<ContainerPod> {
    const changed = new Set<ContainerPod>()
    const large = forgotten.filter((pod) => textLengthOf(pod) > forgottenMax)
    const shortened = new Map(large.map((pod) => [pod.uid, withoutTexts(pod)]))
    const uids = new Set([...pods, ...large].flatMap(({ uid, staticUid }) => [uid, staticUid]))
    for (const [id, entry] of this.#cache) {
      const text = this.#textAfter(id, entry, uids, shortened)
      if (text === undefined) continue
      const { head, tail } = entry.pod?.text ?? {}
      if (text.head === head && text.tail === tail) continue
      changed.add(setText(entry, text))
    }
    return changed
  }

  /** The text of a container after a change of pods; undefined if it is none of theirs. */
  #textAfter(
    id: string,
    { declared, pod }: CachedContainer,
    uids: ReadonlySet<string>,
    forgotten: ReadonlyMap<string, PodFacts>,
  ): PodText | undefined {
    const known = declared ? this.#others.of(declared) : this.#others.ofContainer(id)
    const facts = known ?? forgotten.get(pod?.text.message.uid ?? '')
    if (declared !== undefined) {
      return uids.has(declared.pod.uid) ? declaredPodText(declared, facts) : undefined
    }
    return facts !== undefined && uids.has(facts.uid) ? apiPodText(facts, id) : undefined
  }

  /** @param isEarly whether the container may have no process yet */
  #find(id: string, pids: Iterable<number>, isEarly: boolean): CachedContainer {
    const isNew = this.#cache.get(id) === undefined
    const entry = this.#cache.find(id, isEarly, (container, isFirst) => {
      return this.#lookUp(container, id, pids, isFirst)
    })
    if (isNew && !entry.isOther) this.#ask(id)
    return entry
  }

  /** @returns whether the result is final */
  #lookUp(entry: CachedContainer, id: string, pids: Iterable<number>, isFirst: boolean): boolean {
    const answer = findContainer(this.#procfs, id, pids)
    const hooked = answer.kind === 'pod' ? undefined : this.#others.hooked(id)
    const isOutside = answer.kind === 'container' || answer.kind === 'other'
    const isFinal = answer.kind === 'pod' || isOutside
    entry.isFaulty = answer.kind === 'fault'
    entry.isOther = isOutside
    if (answer.kind === 'pod') this.#declare(entry, { ...answer, id })
    else if (hooked !== undefined) this.#declare(entry, entry.declared ?? hooked)
    if (entry.declared !== undefined) return isFinal
    if (answer.kind === 'container') this.#nameContainer(entry, answer.container)
    const facts = this.#others.ofContainer(id)
    if (facts !== undefined) setText(entry, apiPodText(facts, id))
    if (isOutside) this.counts.other++
    else if (isFirst && answer.kind === 'missing') this.counts.missing++
    else if (isFirst && answer.kind === 'fault') this.counts.faults[answer.fault]++
    return isFinal
  }

  #declare(entry: CachedContainer, declared: DeclaredPod): void {
    if (entry.declared === undefined) this.counts.found++
    entry.declared = declared
    entry.isOther = false
    setText(entry, declaredPodText(declared, this.#others.of(declared)))
  }

  #nameContainer(entry: CachedContainer, container: RuntimeContainer): void {
    entry.container = containerText(container)
    if (container.scheme === podmanScheme) this.#ask(container.id, this.#ofPodman)
  }

  /** The main thread takes the questions after each batch. */
  #ask(id: string, questions = this.#questions): void {
    if (questions !== undefined && questions.length < this.#cache.max) questions.push(id)
  }
}

function outermost(
  ids: readonly string[],
  find: (id: string) => CachedContainer | undefined,
): FoundContainer {
  let container: ContainerText | undefined
  for (const id of ids.toReversed()) {
    const found = find(id)
    if (found?.pod !== undefined) return { pod: found.pod, container: undefined }
    container ??= found?.container
    // A container inside one whose bundle cannot be read must not claim another pod.
    if (found?.isFaulty) break
  }
  return { pod: undefined, container }
}

/** The pod stays the same object: others refer to it. */
function setText(entry: CachedContainer, text: PodText): ContainerPod {
  entry.pod ??= { text }
  entry.pod.text = text
  return entry.pod
}
