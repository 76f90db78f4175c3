import { BadValue } from './bad-value.ts'

/** Durations in options and settings, in the format of Go. */

/** Milliseconds in a unit. */
const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 }
const part = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g

/** Milliseconds of a duration such as `1m30s`; undefined if the text is invalid. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (text === '' || text.replaceAll(part, '') !== '') return undefined
  let sum = 0
  for (const [, number, unit] of text.matchAll(part)) {
    sum += Number(number) * unitMs[unit as keyof typeof unitMs]
  }
  return sum
}

/** Formats a duration in milliseconds: `1h2m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${ms}ms`
  const hours = Math.floor(ms / unitMs.h)
  const minutes = Math.floor(ms / unitMs.m) % 60
  const seconds = `${(ms % unitMs.m) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** Parses a duration such as `1m30s`, in milliseconds. @throws BadValue */
export function readDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new BadValue(`invalid time "${text}" (examples: 2s, 1m30s)`)
  return ms
}
