import type { Span } from '../store/span.ts'

/** The times that the time line shows. */
export interface Range extends Span {
  /** Milliseconds of a bar, and of a step. */
  readonly step: number
}

/** The span of the bars from one moment to another one, in any order. */
export function spanBetween(a: number, b: number, { from, to, step }: Range): Span {
  const bar = (time: number): number => Math.floor((clamp(time, from, to - 1) - from) / step)
  const [first, last] = [Math.min(bar(a), bar(b)), Math.max(bar(a), bar(b))]
  return { from: from + first * step, to: from + (last + 1) * step }
}

/**
 * What a key makes of the span: arrows move it by a bar, with Shift they move its end, and Home and
 * End lead to the first and the last bar. Without a span, the last bar is taken.
 * @returns undefined if the key does nothing
 */
export function moveSpan(
  key: string,
  isShift: boolean,
  span: Span | undefined,
  range: Range,
): Span | undefined {
  const { step } = range
  const { from, to } = span ?? { from: range.to - step, to: range.to }
  const length = Math.max(step, to - from)
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -step,
    ArrowDown: -step,
    ArrowRight: step,
    ArrowUp: step,
    Home: range.from - from,
    End: range.to - to,
  }
  if (!Object.hasOwn(steps, key)) return undefined
  if (span === undefined && key.startsWith('Arrow')) return { from, to }
  const by = steps[key]
  if (isShift) {
    const end = clamp(to + by, from + step, Math.max(from + step, range.to))
    return key === 'Home' ? { from: range.from, to } : { from, to: end }
  }
  const start = clamp(from + by, range.from, Math.max(range.from, range.to - length))
  return { from: start, to: start + length }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
