import { differences, digestOf, type PodReport, type Report, sizeOf } from './report.ts'

/** The report of an agent that has not reported anything. */
const nothing: Report = { enabled: '', failed: '', skipped: '', disabled: '', errors: [] }

/** Maximum number of characters of all different reports. */
const defaultCharactersMax = 1 << 24

interface Shared {
  readonly report: Report
  readonly digest: string
  readonly size: number
  pods: number
}

/**
 * The reports of the agents. Most agents of a cluster report the same: equal reports are kept once.
 */
export class Reports {
  readonly #charactersMax: number
  readonly #byPod = new Map<string, Shared>()
  readonly #byDigest = new Map<string, Shared>()
  readonly #omitted = new Set<string>()
  #characters = 0

  constructor(charactersMax = defaultCharactersMax) {
    this.#charactersMax = charactersMax
  }

  get size(): number {
    return this.#byPod.size
  }

  /** Number of reports that are not kept, because all of them together are too large. */
  get omitted(): number {
    return this.#omitted.size
  }

  /** The same object for equal reports; undefined: there is none. */
  get(pod: string): Report | undefined {
    return this.#byPod.get(pod)?.report
  }

  /** All reports that exist now. */
  replace(reports: readonly PodReport[]): void {
    const present = new Set(reports.map(({ pod }) => pod))
    for (const pod of [...this.#byPod.keys(), ...this.#omitted]) {
      if (!present.has(pod)) this.#remove(pod)
    }
    for (const { pod, report } of reports) this.#put(pod, report)
  }

  /** @returns names of policies whose state differs from that in the report before */
  set({ pod, report }: PodReport): Set<string> {
    const before = this.get(pod)
    this.#put(pod, report)
    return differences(before ?? nothing, this.get(pod) ?? nothing)
  }

  /** @returns names of policies in the report */
  delete({ pod }: Pick<PodReport, 'pod'>): Set<string> {
    const before = this.get(pod)
    this.#remove(pod)
    return differences(before ?? nothing, nothing)
  }

  #put(pod: string, report: Report | undefined): void {
    const digest = report && digestOf(report)
    const before = this.#byPod.get(pod)
    if (before !== undefined && before.digest === digest) return
    this.#remove(pod)
    const shared = report && digest && (this.#byDigest.get(digest) ?? this.#add(report, digest))
    if (!shared) this.#omitted.add(pod)
    else {
      shared.pods++
      this.#byPod.set(pod, shared)
    }
  }

  #remove(pod: string): void {
    this.#omitted.delete(pod)
    const shared = this.#byPod.get(pod)
    if (shared === undefined) return
    this.#byPod.delete(pod)
    if (--shared.pods > 0) return
    this.#byDigest.delete(shared.digest)
    this.#characters -= shared.size
  }

  #add(report: Report, digest: string): Shared | undefined {
    const size = sizeOf(report)
    if (this.#characters + size > this.#charactersMax) return undefined
    const shared = { report, digest, size, pods: 0 }
    this.#byDigest.set(digest, shared)
    this.#characters += size
    return shared
  }
}
