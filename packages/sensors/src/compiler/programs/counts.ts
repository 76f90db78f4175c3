import type { Bytes, Code, Int } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, type OpenMap, possibleCpus } from '@tetragon-ts/ebpf/maps'
import type { Codec } from '@tetragon-ts/ebpf/records'
import type { Hook } from '@tetragon-ts/policy'

/** Counters of each selector. */
const countNames = ['post', 'nopost'] as const
export type CountName = (typeof countNames)[number]

const counterSize = 8
const selectorSize = countNames.length * counterSize
/** CPUs should not share a cache line of counters. */
const cacheLine = 64

/** Counters of one selector. */
export type SelectorCounts = Readonly<Record<CountName, number>>

interface Part {
  readonly hook: Hook
  readonly at: number
}

/**
 * Counters of the selectors of a policy. Each program has its own slot per CPU: the kernel does not
 * run it twice at the same time on a CPU, so no atomic operations are needed. Hits that match no
 * selector cost nothing.
 */
export class PolicyCounts {
  readonly #parts: Part[] = []
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
    this.#map = array('tg_counts', { value, maxEntries: possibleCpus() })
  }

  /** The map with the counters; its size is known when all programs are declared. */
  get map(): MapSpec<number, readonly number[]> {
    return this.#map
  }

  /** Reserves counters for a program and a hook's selectors. */
  take(hook: Hook): ProgramCounts {
    const at = this.#size
    this.#parts.push({ hook, at })
    this.#size += Math.max(1, hook.selectors.length) * selectorSize
    return new ProgramCounts(this.#map as MapSpec, at)
  }

  /**
   * Totals over all CPUs and programs, by selector.
   * @param map undefined before a program is loaded
   */
  read(hook: Hook, map: OpenMap<number, readonly number[]> | undefined): readonly SelectorCounts[] {
    const ofCpus = map ? Array.from({ length: possibleCpus() }, (_, cpu) => map.lookup(cpu)) : []
    const places = this.#parts.filter((part) => part.hook.path === hook.path)
    return Array.from({ length: Math.max(1, hook.selectors.length) }, (_, selector) => {
      const sum = (name: CountName): number => {
        const offset = counterOffset(selector, name)
        const counts = ofCpus.flatMap((cpu) =>
          places.map(({ at }) => cpu?.[(at + offset) / counterSize] ?? 0),
        )
        return counts.reduce((total, count) => total + count, 0)
      }
      return { post: sum('post'), nopost: sum('nopost') }
    })
  }
}

/** The counters of one program. */
export class ProgramCounts {
  readonly #map: MapSpec
  readonly #at: number
  /** The CPU's counters, by build: the program may be built again for a copy. */
  readonly #opened = new WeakMap<Code, Bytes>()

  constructor(map: MapSpec, at: number) {
    this.#map = map
    this.#at = at
  }

  /** Looks up the CPU's counters, at a point that dominates all uses. */
  open(k: Code): void {
    this.#opened.set(k, k.scratch(this.#map))
  }

  count(k: Code, selector: number, name: CountName): void {
    this.#add(k, selector, name, 1)
  }

  /**
   * Decrements `post` for an event that was lost. (Counting only sent events would cost every
   * event.)
   * @param selector the one that decided
   * @param counting those that count before the event is sent
   */
  takeBack(k: Code, selector: Int, counting: readonly number[]): void {
    const [first, ...others] = counting
    if (first === undefined) return
    k.when(
      selector.eq(first),
      () => this.#add(k, first, 'post', -1),
      () => this.takeBack(k, selector, others),
    )
  }

  #add(k: Code, selector: number, name: CountName, difference: number): void {
    const memory = this.#opened.get(k)
    if (!memory) throw new Error('counters were not opened')
    const at = this.#at + counterOffset(selector, name)
    memory.store(counterSize, at, memory.load(counterSize, at).add(difference))
  }
}

/** Adds counts of two programs, or of two times. */
export function addCounts(a: SelectorCounts, b: SelectorCounts): SelectorCounts {
  return { post: a.post + b.post, nopost: a.nopost + b.nopost }
}

function counterOffset(selector: number, name: CountName): number {
  return selector * selectorSize + countNames.indexOf(name) * counterSize
}
