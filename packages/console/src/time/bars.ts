import { type DensityPart, densityKinds } from '../store/density.ts'
import { isIn, type Span } from '../store/span.ts'

/** Height of the highest bar, in the units of the drawing; a bucket is one unit wide. */
export const barHeight = 100

const kindCount = densityKinds.length

/** The bars of a kind, and its number of events. */
export interface KindBars {
  /** Its key, such as `process_exec`; empty: unknown kinds. */
  readonly kind: string
  readonly count: number
  /** Of an SVG path: a rectangle in each bucket, above those of the kinds before. */
  readonly path: string
}

/**
 * Stacked bars of the kinds that have events.
 * @param span the events in it are counted
 */
export function barsOf(part: DensityPart, span: Span | undefined): KindBars[] {
  const { start, width, counts } = part
  const buckets = bucketsOf(part)
  const heights = new Float64Array(buckets)
  for (const [i, count] of counts.entries()) heights[Math.floor(i / kindCount)] += count
  const scale = barHeight / heights.reduce((max, height) => Math.max(max, height), 1)
  const tops = new Float64Array(buckets).fill(barHeight)
  return densityKinds.flatMap((kind, column) => {
    let [count, path] = [0, '']
    for (let bucket = 0; bucket < buckets; bucket++) {
      const height = counts[bucket * kindCount + column]
      if (height === 0) continue
      if (isIn(span, start + bucket * width)) count += height
      tops[bucket] -= height * scale
      path += `M${bucket} ${tops[bucket].toFixed(2)}h1v${(height * scale).toFixed(2)}h-1z`
    }
    return path === '' ? [] : [{ kind, count, path }]
  })
}

/** Number of buckets. */
export function bucketsOf({ counts }: DensityPart): number {
  return counts.length / kindCount
}
