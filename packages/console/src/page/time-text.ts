import type { Span } from '../store/span.ts'

// Times are in UTC, as in events, and in milliseconds since 1970.

/** The time of day, after the date if that is not the date of a reference, such as the row above. */
export function timeText(time: number, reference = Date.now()): string {
  const [date, timeOfDay] = partsOf(time)
  return date === partsOf(reference)[0] ? timeOfDay : `${date} ${timeOfDay}`
}

/** The date and the time of day. */
export function dateTimeText(time: number): string {
  return partsOf(time).join(' ')
}

/** Start and end of a span. */
export function spanText({ from, to }: Span): string {
  return `${timeText(from)} – ${timeText(to, from)}`
}

/** Whether the moments of a span have different dates. */
export function hasDates({ from, to }: Span): boolean {
  return partsOf(from)[0] !== partsOf(to - 1)[0]
}

function partsOf(time: number): readonly [date: string, timeOfDay: string] {
  const [date, timeOfDay] = new Date(time).toISOString().split('T')
  return [date, timeOfDay.slice(0, 12)]
}
