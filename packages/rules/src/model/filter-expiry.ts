/** The last day on which a filter excepts. */
export interface FilterExpiry {
  /** `2027-01-31` */
  readonly date: string
  /** The end of that day in UTC, in milliseconds since 1970. */
  readonly endMs: number
}

const dayMs = 86_400_000
const dateForm = /^\d{4}-\d{2}-\d{2}$/

/** How long before the end warnings begin, in milliseconds. */
export const expirySoonMs = 7 * dayMs

/** The expiry on a date; undefined if the text is not a date such as `2027-01-31`. */
export function filterExpiry(date: string): FilterExpiry | undefined {
  const startMs = dateForm.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  // Date.parse takes some dates that do not exist as days of the next month.
  const isDay = !Number.isNaN(startMs) && new Date(startMs).toISOString().slice(0, 10) === date
  return isDay ? { date, endMs: startMs + dayMs } : undefined
}

/** Whether a filter excepts nothing any more at a time in milliseconds since 1970. */
export function hasExpired(
  { expires }: { readonly expires?: FilterExpiry | undefined },
  timeMs: number,
): boolean {
  return expires !== undefined && timeMs >= expires.endMs
}

/** Whether a filter has expired, or will within {@link expirySoonMs}. */
export function expiresSoon(
  { expires }: { readonly expires?: FilterExpiry | undefined },
  timeMs: number,
): boolean {
  return expires !== undefined && timeMs >= expires.endMs - expirySoonMs
}
