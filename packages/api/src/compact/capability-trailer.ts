import { utf8Length } from '#platform'
import type { Paint } from '../lines/colour.ts'
import type { Process } from '../messages/process.ts'

const lineWidth = 120
const sysAdmin = 21
const mark = '🛑 CAP_SYS_ADMIN'

/**
 * The mark at the end of a line for privileged processes; empty if there is nothing to append.
 * Tetragon tests the number of effective capabilities, not their names; with colours on, an empty
 * mark is appended too. Scripts and tests see those columns, so they are kept.
 */
export function capabilityTrailer(process: Process, paint: Paint): string {
  const privileged = (process.cap?.effective?.length ?? 0) > sysAdmin
  return paint('magenta', privileged ? mark : '')
}

/** Appends a trailer, right-aligned; the line is measured in bytes, escape sequences included. */
export function appendTrailer(line: string, trailer: string): string {
  const width = Math.max(0, lineWidth - utf8Length(line))
  const blanks = Math.max(0, width - [...trailer].length)
  return `${line} ${' '.repeat(blanks)}${trailer}`
}
