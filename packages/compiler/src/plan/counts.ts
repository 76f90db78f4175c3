import { type ActionCounter, enforcementCounters } from '@tetragon-ts/api'
import type { Bytes, Code, Int } from '@tetragon-ts/ebpf/lang'
import { array, type MapContent, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { type Codec, record, u64 } from '@tetragon-ts/ebpf/records'
import { type Hook, isEnforcement } from '@tetragon-ts/policy'

/** Counters of each selector; those of enforcing actions exist only where hooks have some. */
const countNames: readonly ActionCounter[] = [
  ...(['post', 'nopost'] as const),
  ...enforcementCounters.flatMap((name) => [name, `monitor_${name}`] as const),
]

const counterSize = 8
const Counter = record('counter', { value: u64 })
/** Size of the counters of a selector that only observes. */
const observingSize = 2 * counterSize
/** CPUs should not share a cache line of counters. */
const cacheLine = 64

/** Counters of one selector. */
export type SelectorCounts = Readonly<Record<ActionCounter, number>>

/** No hits. */
export const noCounts: SelectorCounts = countsFrom(() => 0)

/** Size of the counters of one selector of a hook. */
function selectorSize({ selectors }: Hook): number {
  const enforces = selectors.some(({ actions, returnActions }) =>
    [...actions, ...returnActions].some(isEnforcement),
  )
  return enforces ? countNames.length * counterSize : observingSize
}

function countsFrom(count: (name: ActionCounter) => number): SelectorCounts {
  return Object.fromEntries(countNames.map((name) => [name, count(name)])) as SelectorCounts
}

/**
 * Counters of the selectors of a policy, for metrics. Each program has its own slot per CPU: the
 * kernel does not run it twice at the same time on a CPU, so no atomic operations are needed,
 * except in LSM programs, which may preempt each other. A counted hit costs a lookup and an
 * addition, some 15 instructions. Hits that match no selector cost nothing.
 */
export class PolicyCounts {
  /** By path of the hook: where the counters of its programs are. */
  readonly #parts = new Map<string, number[]>()
  readonly #map: MapSpec<number, readonly number[]>
  #size = 0

  constructor() {
    const total = (): number => Math.ceil(this.#size / cacheLine) * cacheLine
    const value: Codec<readonly number[]> = {
      get size() {
        return total()
      },
      encode() {},
      decode(view, offset) {
        const numberAt = (i: number) => view.getBigUint64(offset + i * counterSize, true)
        return Array.from({ length: total() / counterSize }, (_, i) => Number(numberAt(i)))
      },
    }
    this.#map = array('tg_counts', { value, maxEntries: 0, entriesPerCpu: 1 })
  }

  /** The map with the counters; its size is known when all programs are declared. */
  get map(): MapSpec<number, readonly number[]> {
    return this.#map
  }

  /** Reserves counters for a program and a hook's selectors. */
  take(hook: Hook): ProgramCounts {
    const at = this.#size
    const places = this.#parts.get(hook.path)
    if (places) places.push(at)
    else this.#parts.set(hook.path, [at])
    const size = selectorSize(hook)
    this.#size += Math.max(1, hook.selectors.length) * size
    return new ProgramCounts(this.#map as MapSpec, at, size)
  }

  /**
   * Reads the counters of all hooks.
   * @param map undefined before a program is loaded
   * @returns totals over all CPUs and programs of a hook, by selector
   */
  read(
    map: Pick<MapContent<number, readonly number[]>, 'entries'> | undefined,
  ): (hook: Hook) => readonly SelectorCounts[] {
    const cpus = [...(map?.entries() ?? [])].map(([, counts]) => counts)
    return (hook) => this.#totals(hook, cpus)
  }

  #totals(
    hook: Hook,
    ofCpus: readonly (readonly number[] | undefined)[],
  ): readonly SelectorCounts[] {
    const places = this.#parts.get(hook.path) ?? []
    const size = selectorSize(hook)
    return Array.from({ length: Math.max(1, hook.selectors.length) }, (_, selector) => {
      const sum = (name: ActionCounter): number => {
        const offset = counterOffset(selector, size, name)
        if (offset === undefined) return 0
        const counts = ofCpus.flatMap((cpu) =>
          places.map((at) => cpu?.[(at + offset) / counterSize] ?? 0),
        )
        return counts.reduce((total, count) => total + count, 0)
      }
      return countsFrom(sum)
    })
  }
}

/** The counters of one program. */
export class ProgramCounts {
  readonly #map: MapSpec
  readonly #at: number
  readonly #selectorSize: number
  /** The CPU's counters, by build: the program may be built again for a copy. */
  readonly #opened = new WeakMap<Code, Bytes>()

  constructor(map: MapSpec, at: number, selectorSize: number) {
    this.#map = map
    this.#at = at
    this.#selectorSize = selectorSize
  }

  /** Looks up the CPU's counters, at a point that dominates all uses. */
  open(k: Code): void {
    this.#opened.set(k, k.scratch(this.#map))
  }

  count(k: Code, selector: number, name: ActionCounter): void {
    this.#add(k, selector, name, 1)
  }

  /**
   * Decrements `post` for an event that was lost. (Counting only sent events would cost every
   * event.)
   * @param selector the one that decided
   * @param counting those that count before the event is sent
   */
  takeBack(k: Code, selector: Int, counting: readonly number[], from = 0): void {
    if (from === counting.length) return
    k.when(
      selector.eq(counting[from]),
      () => this.#add(k, counting[from], 'post', -1),
      () => this.takeBack(k, selector, counting, from + 1),
    )
  }

  #add(k: Code, selector: number, name: ActionCounter, difference: number): void {
    const memory = this.#opened.get(k)
    if (!memory) throw new Error('counters were not opened')
    const offset = counterOffset(selector, this.#selectorSize, name)
    if (offset === undefined) throw new Error(`no counter ${name} at a hook that only observes`)
    const at = this.#at + offset
    if (this.#selectorSize > observingSize) {
      k.increment(k.view(memory.at(at), Counter), 'value', difference)
    } else {
      memory.store(counterSize, at, memory.load(counterSize, at).add(difference))
    }
  }
}

/** Adds counts of two programs, or of two times. */
export function addCounts(a: SelectorCounts, b: Partial<SelectorCounts>): SelectorCounts {
  return countsFrom((name) => a[name] + (b[name] ?? 0))
}

/** Undefined if a selector has no such counter. */
function counterOffset(selector: number, size: number, name: ActionCounter): number | undefined {
  const offset = countNames.indexOf(name) * counterSize
  return offset < size ? selector * size + offset : undefined
}
