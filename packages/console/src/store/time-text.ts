import type { Span } from './span.ts'

// Times are in UTC, as in events, and in milliseconds since 1970.

/** Units of durations, in seconds. */
const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** The time of day, after the date if that is not the date of a reference, such as a row above. */
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

/** A duration in its two largest units: `3 d 4 h`. @param milliseconds negative ones are 0 */
export function durationText(milliseconds: number): string {
  let rest = Math.max(0, Math.floor(milliseconds / 1000))
  const parts: string[] = []
  for (const [unit, seconds] of units) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0 || parts.length > 0) parts.push(`${count} ${unit}`)
  }
  return parts.slice(0, 2).join(' ') || '0 s'
}

function partsOf(time: number): readonly [date: string, timeOfDay: string] {
  const [date, timeOfDay] = new Date(time).toISOString().split('T')
  return [date, timeOfDay.slice(0, 12)]
}
