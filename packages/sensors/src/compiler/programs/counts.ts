import type { Bytes, Code, Int } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, type OpenMap, possibleCpus } from '@tetragon-ts/ebpf/maps'
import type { Codec } from '@tetragon-ts/ebpf/records'
import type { Hook } from '@tetragon-ts/policy'

/** What is counted of each selector. */
const countNames = ['post', 'nopost'] as const
export type CountName = (typeof countNames)[number]

const counterSize = 8
const selectorSize = countNames.length * counterSize
/** CPUs that count at the same time should not share a line of their caches. */
const cacheLine = 64

/** Counts of one selector. */
export type SelectorCounts = Readonly<Record<CountName, number>>

interface Part {
  readonly hook: Hook
  readonly at: number
}

/**
 * What the selectors of a policy decided, counted where it is decided. Each program has a place of
 * its own for each CPU: the kernel does not run it twice at once there, so adding takes no atomic
 * operation. Hits that no selector matches cost nothing.
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

  /** The map that holds them; its size is known when all programs are declared. */
  get map(): MapSpec<number, readonly number[]> {
    return this.#map
  }

  /** Makes room for what a program counts of a hook's selectors. */
  take(hook: Hook): ProgramCounts {
    const at = this.#size
    this.#parts.push({ hook, at })
    this.#size += Math.max(1, hook.selectors.length) * selectorSize
    return new ProgramCounts(this.#map as MapSpec, at)
  }

  /** Sums of all CPUs and programs, by selector. @param map undefined before a program is loaded */
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
  #memory: Bytes | undefined

  constructor(map: MapSpec, at: number) {
    this.#map = map
    this.#at = at
  }

  /** Finds the CPU's counters, at a point that all that count come by. */
  open(k: Code): void {
    this.#memory = k.scratch(this.#map)
  }

  count(selector: number, name: CountName): void {
    this.#add(selector, name, 1)
  }

  /**
   * Takes back the `post` of an event that was lost. (Counting only what was sent would cost every
   * event.)
   * @param selector the one that decided
   * @param counting those that count before the event is sent
   */
  takeBack(k: Code, selector: Int, counting: readonly number[]): void {
    const [first, ...others] = counting
    if (first === undefined) return
    k.when(
      selector.eq(first),
      () => this.#add(first, 'post', -1),
      () => this.takeBack(k, selector, others),
    )
  }

  #add(selector: number, name: CountName, difference: number): void {
    if (!this.#memory) throw new Error('counters were not opened')
    const at = this.#at + counterOffset(selector, name)
    this.#memory.store(counterSize, at, this.#memory.load(counterSize, at).add(difference))
  }
}

/** What two programs, or two times, have counted together. */
export function addCounts(a: SelectorCounts, b: SelectorCounts): SelectorCounts {
  return { post: a.post + b.post, nopost: a.nopost + b.nopost }
}

function counterOffset(selector: number, name: CountName): number {
  return selector * selectorSize + countNames.indexOf(name) * counterSize
}
