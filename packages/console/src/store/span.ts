/** A span of time: milliseconds since 1970, `to` not included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Whether a moment is in a span; without a span, every moment is. */
export function isIn(span: Span | undefined, time: number): boolean {
  return span === undefined || (time >= span.from && time < span.to)
}

/**
 * Up to when events of a span were dropped, in milliseconds since 1970; undefined: none was.
 * @param droppedUntil the latest time of a dropped event
 */
export function missingUntil(
  { from, to }: Span,
  droppedUntil = Number.NEGATIVE_INFINITY,
): number | undefined {
  return droppedUntil < from ? undefined : Math.min(droppedUntil, to)
}
