import { containerIdsOf, type PodFacts, textLengthOf } from './pod-facts.ts'

/** Maximum number of containers of a pod that are kept: restarted ones have a new id. */
const containersMax = 64
/** Maximum number of characters of all pods: each may have 1 MB of labels. */
const defaultTextMax = 1 << 26

/** Pods that the socket of the container runtime reported; the oldest ones are dropped. */
export class RuntimePods {
  readonly #max: number
  readonly #textMax: number
  #text = 0
  readonly #pods = new Map<string, PodFacts>()
  /** Uids by container id. */
  readonly #uids = new Map<string, string>()

  /**
   * @param max maximum number of pods
   * @param textMax maximum number of characters of their labels, annotations and containers
   */
  constructor(max: number, textMax = defaultTextMax) {
    this.#max = max
    this.#textMax = textMax
  }

  withUid(uid: string): PodFacts | undefined {
    return this.#pods.get(uid)
  }

  /** @param id id of a container, without the prefix of the runtime */
  ofContainer(id: string): PodFacts | undefined {
    return this.#pods.get(this.#uids.get(id) ?? '')
  }

  /** Adds a pod with one of its containers, or with none. @returns pods that are forgotten */
  add(pod: PodFacts): readonly PodFacts[] {
    const forgotten: PodFacts[] = []
    const previous = this.#pods.get(pod.uid)
    if (previous !== undefined) this.#remove(previous)
    const isNew = ({ id }: { id: string }) => pod.containers.every((each) => each.id !== id)
    const others = previous?.containers.filter(isNew) ?? []
    const merged = { ...pod, containers: [...pod.containers, ...others].slice(0, containersMax) }
    this.#pods.set(pod.uid, merged)
    this.#text += textLengthOf(merged)
    for (const id of containerIdsOf(merged)) this.#uids.set(id, pod.uid)
    for (const oldest of this.#pods.values()) {
      if (this.#pods.size <= this.#max && this.#text <= this.#textMax) break
      this.#remove(oldest)
      forgotten.push(oldest)
    }
    return forgotten
  }

  #remove(pod: PodFacts): void {
    this.#pods.delete(pod.uid)
    this.#text -= textLengthOf(pod)
    for (const id of containerIdsOf(pod)) if (this.#uids.get(id) === pod.uid) this.#uids.delete(id)
  }
}
