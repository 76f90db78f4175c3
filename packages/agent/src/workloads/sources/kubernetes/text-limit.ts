import { type PodChanges, type PodFacts, textLengthOf, withoutTexts } from '../../pod-facts.ts'

/** Maximum number of characters of all pods of the node: each object may have 1 MB of labels. */
const defaultMax = 1 << 24
/** Milliseconds between two warnings: anyone who may create pods can cause them. */
const warnMs = 60_000

interface Counted {
  readonly pod: PodFacts
  readonly length: number
}

/**
 * Limits labels, annotations and containers of the pods of this node. If they are too many, the pod
 * with most of them loses its annotations, and then its labels. A pod with many labels cannot make
 * a smaller one lose its own. A pod gets them back with the next change of its object.
 */
export class TextLimit {
  readonly #max: number
  readonly #warn: (message: string) => void
  readonly #now: () => number
  readonly #pods = new Map<string, Counted>()
  #length = 0
  #warnedAt = Number.NEGATIVE_INFINITY

  /** @param warn receives the name of a pod that loses a part */
  constructor(warn: (message: string) => void, max = defaultMax, now = () => performance.now()) {
    this.#warn = warn
    this.#max = max
    this.#now = now
  }

  /** @returns the changes within the limit, with pods that have lost a part because of them */
  apply({ isComplete, pods, removed }: PodChanges): PodChanges {
    if (isComplete) this.#clear()
    for (const uid of removed) this.#remove(uid)
    for (const pod of pods) this.#set(pod)
    const shortened = this.#shorten()
    if (shortened.size === 0) return { isComplete, pods, removed }
    const others = pods.filter(({ uid }) => !shortened.has(uid))
    return { isComplete, pods: [...others, ...shortened.values()], removed }
  }

  #shorten(): ReadonlyMap<string, PodFacts> {
    const shortened = new Map<string, PodFacts>()
    while (this.#length > this.#max) {
      const largest = [...this.#pods.values()].reduce((a, b) => (b.length > a.length ? b : a))
      const pod = shorter(largest.pod)
      if (textLengthOf(pod) >= largest.length) break
      this.#set(pod)
      shortened.set(pod.uid, pod)
      this.#report(pod)
    }
    return shortened
  }

  #set(pod: PodFacts): void {
    this.#remove(pod.uid)
    const length = textLengthOf(pod)
    this.#pods.set(pod.uid, { pod, length })
    this.#length += length
  }

  #remove(uid: string): void {
    this.#length -= this.#pods.get(uid)?.length ?? 0
    this.#pods.delete(uid)
  }

  #clear(): void {
    this.#pods.clear()
    this.#length = 0
  }

  #report({ namespace, name }: PodFacts): void {
    if (this.#now() - this.#warnedAt < warnMs) return
    this.#warnedAt = this.#now()
    const reason = `labels and annotations of this node's pods exceed ${this.#max} characters`
    this.#warn(`watch pods: ${reason}; ${namespace}/${name}, which has most, loses some`)
  }
}

function shorter(pod: PodFacts): PodFacts {
  const hasAnnotations = Object.keys(pod.annotations ?? {}).length > 0
  return hasAnnotations ? { ...pod, annotations: {} } : withoutTexts(pod)
}
