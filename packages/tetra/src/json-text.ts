import { terminalJson } from '@tetragon-ts/api'

/** A value as a line of JSON without terminal control characters. */
export function jsonLine(value: unknown): string {
  return `${terminalJson(JSON.stringify(value))}\n`
}

/** The same over several lines. */
export function jsonLines(value: unknown): string {
  return `${terminalJson(JSON.stringify(value, undefined, 2))}\n`
}
