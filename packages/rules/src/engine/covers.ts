import { type BitExpression, coverOf } from './cover.ts'
import type { Steps } from './steps.ts'

/** Which rules are evaluated if a bit is set. */
export interface Covers {
  /** Of each bit, where its rules begin in `covered`. */
  readonly start: Int32Array
  readonly covered: Int32Array
  /** Bits that have rules. */
  readonly bits: readonly number[]
  /** Rules without a cover. */
  readonly always: readonly number[]
}

/** Chooses the covers of conditions. @param size number of bits */
export function* coversOf(
  conditions: readonly BitExpression[],
  size: number,
  costOf: (bit: number) => number,
): Steps<Covers> {
  const byBit: number[][] = []
  const always: number[] = []
  let entries = 0
  for (const [index, condition] of conditions.entries()) {
    const cover = coverOf(condition, costOf)
    if (cover === undefined) always.push(index)
    for (const bit of new Set(cover?.bits)) {
      byBit[bit] ??= []
      byBit[bit].push(index)
      entries++
    }
    yield
  }
  const start = new Int32Array(size + 1)
  const covered = new Int32Array(entries)
  let at = 0
  for (let bit = 0; bit < size; bit++) {
    for (const index of byBit[bit] ?? []) covered[at++] = index
    start[bit + 1] = at
  }
  return { start, covered, bits: Object.keys(byBit).map(Number), always }
}
