import type { Count, EventLabels, LabelCounts } from '../processes/process.ts'
import { type CountedType, countedTypes } from './counted-types.ts'
import { callName } from './json/call-name.ts'
import { type CountedProcess, type LabelSelection, LabelSets } from './label-sets.ts'

/** Counts of events since the start, by labels. Plain data. */
export interface EventTotals {
  readonly events: readonly (readonly [type: CountedType, labels: EventLabels, count: number])[]
  readonly policyEvents: readonly (readonly [
    policy: string,
    hook: string,
    labels: EventLabels,
    count: number,
  ])[]
  readonly syscalls: readonly (readonly [name: string, labels: EventLabels, count: number])[]
}

/** Maximum number of hook and system call counters, over all label sets. */
const seriesMax = 65_536
/** More than the number of functions of any hook. */
const functionsMax = 2 ** 20

interface CountedHook {
  readonly policy: string
  /** `kprobe:tcp_connect` by function index. */
  readonly names: readonly string[]
}

/**
 * Counts events by the pod and the binary of their process. Counting is one addition: the process
 * holds a reference to its counters.
 */
export class EventCounts {
  readonly #sets: LabelSets
  readonly #hooks = new Map<number, CountedHook>()
  #series = 0

  constructor(selection: LabelSelection) {
    this.#sets = new LabelSets(selection)
  }

  /**
   * An event of a process, or of an unknown one.
   * @param type index among the counted types
   */
  count(type: number, process: CountedProcess | undefined): void {
    this.#sets.of(process).types[type]++
  }

  /** A policy event. @param syscall number in a system call's event */
  countHook(
    type: number,
    hook: number,
    functionIndex: number,
    process: CountedProcess | undefined,
    syscall: number | undefined,
  ): void {
    const counts = this.#sets.of(process)
    counts.types[type]++
    this.#increment(counts, 'hooks', hookKey(hook, functionIndex))
    if (syscall !== undefined) this.#increment(counts, 'syscalls', syscall)
  }

  addHook(id: number, hook: CountedHook): void {
    this.#hooks.set(id, hook)
  }

  /** Drops the counters of a removed policy. */
  removeHook(id: number): void {
    this.#hooks.delete(id)
    for (const { hooks } of this.#sets) {
      for (const key of hooks.keys()) {
        if (Math.floor(key / functionsMax) === id && hooks.delete(key)) this.#series--
      }
    }
  }

  #increment(counts: LabelCounts, kind: 'hooks' | 'syscalls', key: number): void {
    const { others } = this.#sets
    const count = counts[kind].get(key)
    if (count !== undefined) count.value++
    else if (this.#series < seriesMax || counts === others) this.#begin(counts[kind], key)
    else this.#increment(others, kind, key)
  }

  #begin(counts: Map<number, Count>, key: number): void {
    counts.set(key, { value: 1 })
    this.#series++
  }

  /** All counts; drops those of ended processes that were already read. */
  totals(live: Iterable<CountedProcess>, nowMs: number): EventTotals {
    for (const { hooks, syscalls } of this.#sets.removeOld(live, nowMs)) {
      this.#series -= hooks.size + syscalls.size
    }
    const events: (readonly [CountedType, EventLabels, number])[] = []
    const policyEvents: (readonly [string, string, EventLabels, number])[] = []
    const syscalls: (readonly [string, EventLabels, number])[] = []
    for (const { labels, types, hooks, syscalls: calls } of this.#sets) {
      countedTypes.forEach((type, i) => {
        if (types[i] > 0) events.push([type, labels, types[i]])
      })
      for (const [policy, name, count] of this.#byName(hooks)) {
        policyEvents.push([policy, name, labels, count])
      }
      for (const [number, { value }] of calls) syscalls.push([callName(number), labels, value])
    }
    return { events, policyEvents, syscalls }
  }

  /** Several hooks of a policy may be at the same function. */
  #byName(hooks: ReadonlyMap<number, Count>): Iterable<[string, string, number]> {
    const sums = new Map<string, [policy: string, name: string, count: number]>()
    for (const [key, { value }] of hooks) {
      const hook = this.#hooks.get(Math.floor(key / functionsMax))
      const name = hook?.names[key % functionsMax]
      if (hook === undefined || name === undefined) continue
      const id = JSON.stringify([hook.policy, name])
      const known = sums.get(id)
      if (known) known[2] += value
      else sums.set(id, [hook.policy, name, value])
    }
    return sums.values()
  }
}

/** Key for a function of a hook. */
function hookKey(hook: number, functionIndex: number): number {
  return hook * functionsMax + functionIndex
}
