/** A span of time: milliseconds since 1970, `to` not included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Whether a moment is in a span; without a span, every moment is. */
export function isIn(span: Span | undefined, time: number): boolean {
  return span === undefined || (time >= span.from && time < span.to)
}
