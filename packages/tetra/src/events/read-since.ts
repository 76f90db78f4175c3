import { BadValue, readDuration } from '@tetragon-ts/service/options'

const date = /^\d{4}-\d\d-\d\d(T|$)/

/**
 * Reads `1h`, or a time as in RFC 3339.
 * @returns the time as in RFC 3339
 * @throws BadValue
 */
export function readSince(text: string, now = Date.now()): string {
  const time = date.test(text) ? Date.parse(text) : now - readDuration(text)
  if (Number.isNaN(time))
    throw new BadValue(`invalid time '${text}' (example: 2026-01-31T12:00:00Z)`)
  // A long duration reaches beyond the times that a date can have.
  return new Date(Math.max(0, time)).toISOString()
}
