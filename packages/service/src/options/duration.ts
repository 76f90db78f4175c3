import { parseDuration } from '@tetragon-ts/api'
import { BadValue } from './bad-value.ts'

/** Parses a duration such as `1m30s`, in milliseconds. @throws BadValue */
export function readDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new BadValue(`invalid time "${text}" (examples: 2s, 1m30s)`)
  return ms
}
