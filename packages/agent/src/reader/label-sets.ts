import type { EventLabels, LabelCounts, Process } from '../processes/process.ts'
import { countedTypes } from './counted-types.ts'
import { imageText } from './json/image-text.ts'

/** Which labels event metrics have. */
export type LabelSelection = { readonly [Name in keyof EventLabels]: boolean }

/** The part of a process that counting needs. */
export type CountedProcess = Pick<Process, 'image' | 'workload' | 'counts' | 'countedText'>

/** Maximum number of label sets; further processes share one. */
const setsMax = 4096
/** Maximum number of binaries of one pod, or of the host: none can use up all label sets. */
const binariesMax = 1024
/** How long counts of ended processes are kept, so that their last value can be scraped. */
const graceMs = 300_000
/** Value of labels beyond a limit. It is neither a path nor a name in Kubernetes. */
const others = '(others)'

/** Label sets that differ in the binary only. */
type ByBinary = Map<string, LabelCounts>

/**
 * Counters by label set. A process holds a reference to its counters, and looks them up again when
 * its pod has another text: the API server may report the workload after the first events. Label
 * sets are removed some time after their last process, and so after the end of their pod.
 */
export class LabelSets {
  readonly #selection: LabelSelection
  readonly #groups = new Map<string, ByBinary>()
  #size = 0
  /** Unknown processes. */
  readonly unknown: LabelCounts
  /** Processes beyond the limit. */
  readonly others: LabelCounts

  constructor(selection: LabelSelection) {
    this.#selection = selection
    this.unknown = countsOf(this.#labels('', '', '', ''))
    this.others = countsOf(this.#labels(others, others, others, others))
  }

  /** The counters of a process; undefined: an unknown one. */
  of(process: CountedProcess | undefined): LabelCounts {
    if (process === undefined) return this.unknown
    const text = process.workload.pod?.text
    if (process.counts === undefined || process.countedText !== text) {
      process.counts = this.#find(process)
      process.countedText = text
    }
    return process.counts
  }

  *[Symbol.iterator](): Generator<LabelCounts> {
    yield this.unknown
    yield this.others
    for (const byBinary of this.#groups.values()) yield* byBinary.values()
  }

  /** Removes label sets without a live process whose last counts were reported. */
  *removeOld(live: Iterable<CountedProcess>, nowMs: number): Generator<LabelCounts> {
    const used = new Set<LabelCounts | undefined>()
    for (const { counts } of live) used.add(counts)
    for (const [key, byBinary] of this.#groups) {
      for (const [binary, counts] of byBinary) {
        if (!isOld(counts, used.has(counts), nowMs)) continue
        byBinary.delete(binary)
        this.#size--
        yield counts
      }
      if (byBinary.size === 0) this.#groups.delete(key)
    }
  }

  #find({ image, workload: { pod } }: CountedProcess): LabelCounts {
    const { namespace = '', workload = '', name = '' } = pod?.text.message ?? {}
    const labels = this.#labels(namespace, workload, name, imageText(image, 'binary'))
    const key = JSON.stringify([labels.namespace, labels.workload, labels.pod])
    const group = this.#groups.get(key)
    const isFull = group !== undefined && group.size >= binariesMax
    return (
      group?.get(labels.binary) ??
      (isFull ? group.get(others) : undefined) ??
      this.#add(key, isFull ? { ...labels, binary: others } : labels)
    )
  }

  #add(key: string, labels: EventLabels): LabelCounts {
    if (this.#size >= setsMax) return this.others
    const counts = countsOf(labels)
    const group = this.#groups.get(key) ?? new Map<string, LabelCounts>()
    group.set(labels.binary, counts)
    this.#groups.set(key, group)
    this.#size++
    return counts
  }

  #labels(namespace: string, workload: string, pod: string, binary: string): EventLabels {
    const selected = this.#selection
    // Names that differ must differ in UTF-8 too: series must be unique.
    return {
      namespace: selected.namespace ? namespace.toWellFormed() : '',
      workload: selected.workload ? workload.toWellFormed() : '',
      pod: selected.pod ? pod.toWellFormed() : '',
      binary: selected.binary ? binary.toWellFormed() : '',
    }
  }
}

function countsOf(labels: EventLabels): LabelCounts {
  const types = new Float64Array(countedTypes.length)
  return { labels, types, hooks: new Map(), syscalls: new Map(), reported: 0, reportedAt: 0 }
}

/** Whether counts can be removed; notes when they last changed. */
function isOld(counts: LabelCounts, isUsed: boolean, nowMs: number): boolean {
  const total = counts.types.reduce((sum, count) => sum + count, 0)
  if (total === counts.reported && !isUsed) return nowMs - counts.reportedAt >= graceMs
  counts.reported = total
  counts.reportedAt = nowMs
  return false
}
