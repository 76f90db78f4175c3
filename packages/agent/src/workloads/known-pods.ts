import type { PodChanges, PodFacts } from './pod-facts.ts'

/** Pods of this node that the API server knows, and those that it knew lately. */
export class KnownPods {
  readonly #deletedMax: number
  readonly #pods = new Map<string, PodFacts>()
  readonly #deleted = new Map<string, PodFacts>()
  /** Uid by the uid of a pod from a file, and by the id of a container. */
  readonly #uids = new Map<string, string>()
  evictions = 0
  hits = 0

  /** @param deletedMax pods that are remembered when they are gone: their processes end later */
  constructor(deletedMax: number) {
    this.#deletedMax = deletedMax
  }

  /** @param uid of the pod, or that which the kubelet gave a pod from a file */
  withUid(uid: string): PodFacts | undefined {
    return this.#find(uid) ?? this.#find(this.#uids.get(uid))
  }

  /** @param id with the prefix of the runtime or without */
  ofContainer(id: string): PodFacts | undefined {
    return this.#find(this.#uids.get(id))
  }

  #find(uid: string | undefined): PodFacts | undefined {
    if (uid === undefined) return undefined
    const live = this.#pods.get(uid)
    if (live !== undefined) return live
    const deleted = this.#deleted.get(uid)
    if (deleted !== undefined) this.hits++
    return deleted
  }

  update({ isComplete, pods, removed }: PodChanges): void {
    if (isComplete) {
      const present = new Set(pods.map(({ uid }) => uid))
      for (const uid of [...this.#pods.keys()]) if (!present.has(uid)) this.#remove(uid)
    }
    for (const pod of pods) {
      const before = this.#pods.get(pod.uid)
      if (before) this.#forgetIds(before)
      this.#deleted.delete(pod.uid)
      this.#pods.set(pod.uid, pod)
      for (const id of idsOf(pod)) this.#uids.set(id, pod.uid)
    }
    for (const uid of removed) this.#remove(uid)
  }

  #remove(uid: string): void {
    const pod = this.#pods.get(uid)
    if (pod === undefined) return
    this.#pods.delete(uid)
    this.#deleted.set(uid, pod)
    for (const [oldest, gone] of this.#deleted) {
      if (this.#deleted.size <= this.#deletedMax) return
      this.#deleted.delete(oldest)
      this.#forgetIds(gone)
      this.evictions++
    }
  }

  #forgetIds(pod: PodFacts): void {
    for (const id of idsOf(pod)) if (this.#uids.get(id) === pod.uid) this.#uids.delete(id)
  }
}

function idsOf({ staticUid, containers }: PodFacts): string[] {
  const ids = containers.map(({ id }) => id.slice(id.lastIndexOf('/') + 1))
  return [staticUid, ...ids].filter((id) => id !== '')
}
