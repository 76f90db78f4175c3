import { parseDuration } from '@tetragon-ts/api'
import { BadValue } from './bad-value.ts'

/** Parses a duration such as `1m30s`, in milliseconds. @throws BadValue */
export function readDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new BadValue('expected a time such as 30s or 1h30m')
  return ms
}
