import type { Span } from '../store/span.ts'
import type { Losses } from './losses.ts'

/** Maximum looks at an agent that are kept. */
const samplesMax = 256

/** What an agent had lost, since the page first asked, at a look. */
interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly grown: Losses
}

/** What an agent lost between two looks. */
export interface LostInSpan {
  /** The looks around the span, or the first and the last one: milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Kinds with losses. */
  readonly losses: Losses
}

/**
 * What agents have lost when: agents report totals only. Its memory is bounded: when there are too
 * many looks, every second one is dropped, so that early ones are further apart.
 */
export class LossHistory {
  readonly #nodes = new Map<string, Sample[]>()

  /**
   * @param at milliseconds since 1970
   * @param grown losses since the page first asked
   */
  add(node: string, at: number, grown: Losses): void {
    const samples = this.#nodes.get(node) ?? []
    // Mostly nothing is lost: then the record is shared.
    const last = samples.at(-1)?.grown
    samples.push({ at, grown: last !== undefined && isEqual(last, grown) ? last : grown })
    const isFull = samples.length > samplesMax
    this.#nodes.set(node, isFull ? samples.filter((_, i) => i % 2 === 0) : samples)
  }

  /** Undefined: no look was before the end of the span, or none after its start. */
  lostIn(node: string, { from, to }: Span): LostInSpan | undefined {
    const samples = this.#nodes.get(node) ?? []
    const first = samples.findLast(({ at }) => at <= from) ?? samples[0]
    const last = samples.find(({ at }) => at >= to) ?? samples.at(-1)
    if (first === undefined || last === undefined || first.at >= last.at) return undefined
    const losses = Object.entries(last.grown).flatMap(([kind, count]) => {
      const lost = count - (first.grown[kind] ?? 0n)
      return lost > 0n ? [[kind, lost] as const] : []
    })
    return { from: first.at, to: last.at, losses: Object.fromEntries(losses) }
  }
}

function isEqual(a: Losses, b: Losses): boolean {
  const kinds = Object.keys(b)
  return kinds.length === Object.keys(a).length && kinds.every((kind) => a[kind] === b[kind])
}
