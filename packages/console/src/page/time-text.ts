import type { Span } from '../store/span.ts'

/** The time of day of a moment, in UTC as in events. @param time milliseconds since 1970 */
export function timeText(time: number): string {
  return new Date(time).toISOString().slice(11, 23)
}

/** A span of time, for the user. */
export function spanText({ from, to }: Span): string {
  return `${timeText(from)} – ${timeText(to)}`
}
