import { containerIdsOf, type PodChanges, type PodFacts, textLengthOf } from './pod-facts.ts'

/** Maximum number of characters of all deleted pods: each may have 1 MB of labels. */
const defaultTextMax = 1 << 24

/** Pods of this node from the API server, and recently deleted ones. */
export class ApiPods {
  readonly #deletedMax: number
  readonly #deletedTextMax: number
  #deletedText = 0
  readonly #pods = new Map<string, PodFacts>()
  readonly #deleted = new Map<string, PodFacts>()
  /** Uids by the identity of a static pod, and by container id. */
  readonly #uids = new Map<string, string>()
  evictions = 0
  hits = 0

  /**
   * @param deletedMax maximum number of deleted pods, whose processes can end later
   * @param deletedTextMax maximum number of characters of their labels, annotations and containers
   */
  constructor(deletedMax: number, deletedTextMax = defaultTextMax) {
    this.#deletedMax = deletedMax
    this.#deletedTextMax = deletedTextMax
  }

  /** The pod that a runtime declared; a static pod has another uid there. */
  declaredAs(pod: PodIdentity): PodFacts | undefined {
    return this.#find(pod.uid) ?? this.#find(this.#uids.get(staticKey(pod)))
  }

  /** @param id id of a container, without the prefix of the runtime */
  ofContainer(id: string): PodFacts | undefined {
    return this.#find(this.#uids.get(id))
  }

  /** @param uid the uid of the object in the API */
  withUid(uid: string): PodFacts | undefined {
    return this.#find(uid)
  }

  #find(uid: string | undefined): PodFacts | undefined {
    if (uid === undefined) return undefined
    const live = this.#pods.get(uid)
    if (live !== undefined) return live
    const deleted = this.#deleted.get(uid)
    if (deleted !== undefined) this.hits++
    return deleted
  }

  /** @returns deleted pods that are forgotten */
  update({ isComplete, pods, removed }: PodChanges): readonly PodFacts[] {
    const forgotten: PodFacts[] = []
    if (isComplete) {
      const present = new Set(pods.map(({ uid }) => uid))
      for (const uid of [...this.#pods.keys()]) {
        if (!present.has(uid)) forgotten.push(...this.#remove(uid))
      }
    }
    for (const pod of pods) {
      const previous = this.#pods.get(pod.uid)
      if (previous) this.#removeIds(previous)
      this.#forget(pod.uid)
      this.#pods.set(pod.uid, pod)
      for (const id of idsOf(pod)) this.#uids.set(id, pod.uid)
    }
    for (const uid of removed) forgotten.push(...this.#remove(uid))
    return forgotten
  }

  /** @returns deleted pods that are forgotten */
  #remove(uid: string): readonly PodFacts[] {
    const forgotten: PodFacts[] = []
    const pod = this.#pods.get(uid)
    if (pod === undefined) return forgotten
    this.#pods.delete(uid)
    this.#deleted.set(uid, pod)
    this.#deletedText += textLengthOf(pod)
    for (const [oldest, evicted] of this.#deleted) {
      const fits = this.#deletedText <= this.#deletedTextMax
      if (fits && this.#deleted.size <= this.#deletedMax) break
      this.#forget(oldest)
      this.#removeIds(evicted)
      this.evictions++
      forgotten.push(evicted)
    }
    return forgotten
  }

  /** Removes a deleted pod. */
  #forget(uid: string): void {
    const pod = this.#deleted.get(uid)
    if (pod === undefined) return
    this.#deleted.delete(uid)
    this.#deletedText -= textLengthOf(pod)
  }

  #removeIds(pod: PodFacts): void {
    for (const id of idsOf(pod)) if (this.#uids.get(id) === pod.uid) this.#uids.delete(id)
  }
}

type PodIdentity = Pick<PodFacts, 'uid' | 'namespace' | 'name'>

/**
 * The identity of a static pod. Anyone who may create pods can give one the annotation of the
 * mirror of a static pod, but not the same name.
 */
function staticKey({ uid, namespace, name }: PodIdentity): string {
  return `${namespace}/${name} ${uid}`
}

/** The identity of a static pod, and ids of containers. */
function idsOf(pod: PodFacts): string[] {
  const { staticUid } = pod
  const ids = containerIdsOf(pod)
  return staticUid === '' ? ids : [staticKey({ ...pod, uid: staticUid }), ...ids]
}
