import type { Span } from './span.ts'

/** A time in which events were lost. */
export interface Gap extends Span {
  /** Empty: the only node; undefined: more than one. */
  readonly node: string | undefined
  /** Number of events; in a part of the time it may be less. */
  readonly lost: number
  /** Whether starts and ends of processes may be among them. */
  readonly hidesProcesses: boolean
  /** Whether it is unknown how many more were lost. */
  readonly isUncounted?: boolean
}

/** Gaps that are closer together, and shorter, are one, in milliseconds. */
const mergedMs = 5000

/** The gaps so far. Its memory is bounded: neighbours become one, and no loss is dropped. */
export class GapList {
  readonly #max: number
  #gaps: Gap[] = []

  /** @param max number of gaps */
  constructor(max: number) {
    this.#max = max
  }

  /** The oldest first. */
  get all(): readonly Gap[] {
    return this.#gaps
  }

  add(gap: Gap): void {
    const last = this.#gaps.at(-1)
    const whole = last && union(last, gap)
    const isNear = whole?.node !== undefined && whole.to - whole.from < mergedMs
    if (isNear && whole.hidesProcesses === gap.hidesProcesses) this.#gaps.splice(-1, 1, whole)
    else this.#gaps.push(gap)
    if (this.#gaps.length <= this.#max) return
    // The older half gets coarser.
    const half = Math.max(2, this.#max >> 1)
    const old = this.#gaps.slice(0, half).sort((a, b) => a.from - b.from)
    const pairs = old
      .filter((_, i) => i % 2 === 0)
      .map((gap, i) => {
        const next = old[2 * i + 1]
        return next === undefined ? gap : union(gap, next)
      })
    this.#gaps = [...pairs, ...this.#gaps.slice(half)]
  }
}

function union(a: Gap, b: Gap): Gap {
  return {
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
    node: a.node === b.node ? a.node : undefined,
    lost: a.lost + b.lost,
    hidesProcesses: a.hidesProcesses || b.hidesProcesses,
    ...((a.isUncounted || b.isUncounted) && { isUncounted: true }),
  }
}

/**
 * The gaps that touch a span.
 * @param span undefined: all times
 * @param node only gaps that may be of this node; undefined: of all
 */
export function gapsIn(gaps: readonly Gap[], span: Span | undefined, node?: string): Gap[] {
  return gaps.filter((gap) => {
    const isNode = !node || !gap.node || gap.node === node
    return isNode && (span === undefined || (gap.from < span.to && gap.to > span.from))
  })
}

/**
 * Gaps in which a process started, so that there may be others between it and its parent.
 * @param start milliseconds since 1970; undefined: unknown
 */
export function gapsAtMoment(gaps: readonly Gap[], start: number | undefined, node: string): Gap[] {
  if (start === undefined) return []
  const atStart = gapsIn(gaps, { from: start, to: start + 1 }, node)
  return atStart.filter(({ hidesProcesses }) => hidesProcesses)
}

/** Such as `1,204 events were lost`; empty without gaps. */
export function gapText(gaps: readonly Gap[]): string {
  const lost = lostIn(gaps)
  if (!gaps.some(({ isUncounted }) => isUncounted)) return lost === 0 ? '' : lossText(lost)
  return lost === 0 ? 'events may be missing' : `${lossText(lost)}, or more`
}

function lossText(lost: number): string {
  return lost === 1 ? '1 event was lost' : `${lost.toLocaleString('en')} events were lost`
}

/** Number of lost events of gaps. */
export function lostIn(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { lost }) => sum + lost, 0)
}
