import { type EventTypeName, eventKinds } from '@tetragon-ts/api'
import type { Count, LabelCounts, Process } from '../processes/process.ts'
import { callName } from './json/call-name.ts'
import { imageJson, textOfJson } from './json/image-text.ts'

/** Test events are not counted. */
export type CountedType = Exclude<EventTypeName, 'TEST'>

/** Kinds of events by name, as they are counted. */
export const countedTypes: readonly CountedType[] = eventKinds.flatMap(({ name }) =>
  name === 'TEST' ? [] : [name],
)

/** The labels of event counts. */
export interface CountingOptions {
  readonly binary: boolean
}

/** Counts of events since the start, by labels. Plain data. */
export interface EventTotals {
  readonly events: readonly (readonly [type: CountedType, binary: string, count: number])[]
  readonly policyEvents: readonly (readonly [
    policy: string,
    hook: string,
    binary: string,
    count: number,
  ])[]
  readonly syscalls: readonly (readonly [name: string, binary: string, count: number])[]
}

/** Maximum number of label sets; further processes share one. */
const labelsMax = 4096
/** Maximum number of hook and system call counters, over all label sets. */
const seriesMax = 65_536
/** How long counts of ended processes are kept, so that their last value can be scraped. */
const graceMs = 300_000
/** Label for binaries beyond the limit. */
const others = '(others)'

/** More than the number of functions of any hook. */
const functionsMax = 2 ** 20

/** The part of a process that counting needs. */
export type CountedProcess = Pick<Process, 'image' | 'counts'>

interface CountedHook {
  readonly policy: string
  /** `kprobe:tcp_connect` by function index. */
  readonly names: readonly string[]
}

/**
 * Counts events by the binary of their process. Counting is one addition: the process holds a
 * reference to its label set. A label set is removed with its last process.
 */
export class EventCounts {
  readonly #byBinary: boolean
  readonly #labels = new Map<string, LabelCounts>()
  readonly #others = labelCounts(others)
  readonly #unknown = labelCounts('')
  readonly #hooks = new Map<number, CountedHook>()
  #series = 0

  constructor({ binary }: CountingOptions) {
    this.#byBinary = binary
  }

  /**
   * An event of a process, or of an unknown one.
   * @param type index among the counted types
   */
  count(type: number, process: CountedProcess | undefined): void {
    this.#of(process).types[type]++
  }

  /** A policy event. @param syscall number in a system call's event */
  countHook(
    type: number,
    hook: number,
    functionIndex: number,
    process: CountedProcess | undefined,
    syscall: number | undefined,
  ): void {
    const labels = this.#of(process)
    labels.types[type]++
    this.#increment(labels, 'hooks', hookKey(hook, functionIndex))
    if (syscall !== undefined) this.#increment(labels, 'syscalls', syscall)
  }

  addHook(id: number, hook: CountedHook): void {
    this.#hooks.set(id, hook)
  }

  /** Drops the counters of a removed policy. */
  removeHook(id: number): void {
    this.#hooks.delete(id)
    for (const { hooks } of this.#all()) {
      for (const key of hooks.keys()) {
        if (Math.floor(key / functionsMax) === id && hooks.delete(key)) this.#series--
      }
    }
  }

  #increment(labels: LabelCounts, kind: 'hooks' | 'syscalls', key: number): void {
    const count = labels[kind].get(key)
    if (count !== undefined) count.value++
    else if (this.#series < seriesMax || labels === this.#others) this.#begin(labels[kind], key)
    else this.#increment(this.#others, kind, key)
  }

  #begin(counts: Map<number, Count>, key: number): void {
    counts.set(key, { value: 1 })
    this.#series++
  }

  #of(process: CountedProcess | undefined): LabelCounts {
    if (process === undefined) return this.#unknown
    process.counts ??= this.#assign(process)
    return process.counts
  }

  #assign({ image }: CountedProcess): LabelCounts {
    if (!this.#byBinary) return this.#unknown
    const binary = imageJson(image, 'binary')
    let labels = this.#labels.get(binary)
    if (labels === undefined) {
      if (this.#labels.size >= labelsMax) return this.#others
      labels = labelCounts(binary)
      this.#labels.set(binary, labels)
    }
    return labels
  }

  #all(): readonly LabelCounts[] {
    return [this.#unknown, this.#others, ...this.#labels.values()]
  }

  /** All counts; drops those of ended processes that were already read. */
  totals(live: Iterable<CountedProcess>, nowMs: number): EventTotals {
    this.#forgetOld(live, nowMs)
    const events: (readonly [CountedType, string, number])[] = []
    const policyEvents = new Map<string, [string, string, string, number]>()
    const syscalls: (readonly [string, string, number])[] = []
    for (const { binary: json, types, hooks, syscalls: calls } of this.#all()) {
      const binary = textOfJson(json)
      countedTypes.forEach((type, i) => {
        if (types[i] > 0) events.push([type, binary, types[i]])
      })
      for (const [key, { value: count }] of hooks) {
        const hook = this.#hooks.get(Math.floor(key / functionsMax))
        const name = hook?.names[key % functionsMax]
        if (hook === undefined || name === undefined) continue
        // Several hooks of a policy may be at the same function.
        const id = JSON.stringify([hook.policy, name, binary])
        const known = policyEvents.get(id)
        if (known) known[3] += count
        else policyEvents.set(id, [hook.policy, name, binary, count])
      }
      for (const [number, { value }] of calls) syscalls.push([callName(number), binary, value])
    }
    return { events, policyEvents: [...policyEvents.values()], syscalls }
  }

  #forgetOld(live: Iterable<CountedProcess>, nowMs: number): void {
    const used = new Set<LabelCounts | undefined>()
    for (const { counts } of live) used.add(counts)
    for (const [binary, labels] of this.#labels) {
      const total = labels.types.reduce((sum, count) => sum + count, 0)
      if (total !== labels.reported || used.has(labels)) {
        labels.reported = total
        labels.reportedAt = nowMs
      } else if (nowMs - labels.reportedAt >= graceMs) {
        this.#labels.delete(binary)
        this.#series -= labels.hooks.size + labels.syscalls.size
      }
    }
  }
}

function labelCounts(binary: string): LabelCounts {
  const types = new Float64Array(countedTypes.length)
  return { binary, types, hooks: new Map(), syscalls: new Map(), reported: 0, reportedAt: 0 }
}

/** Key for a function of a hook. */
function hookKey(hook: number, functionIndex: number): number {
  return hook * functionsMax + functionIndex
}
