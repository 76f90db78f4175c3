import { parseDuration } from '@tetragon-ts/options'
import { UsageError } from '../usage-error.ts'

/** Parses a time such as `30s` or `1m30s` to milliseconds. @throws UsageError */
export function readDuration(option: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new UsageError(`parse --${option}: invalid time "${text}" (examples: 2s, 1m30s)`)
}
