import type { Event } from '../event.ts'
import type { LinesOf } from '../events/declaration.ts'
import type { eventTable } from '../events/event-table.ts'
import { hookLines } from '../events/hook-events.ts'
import { processLines } from '../events/process-events.ts'
import { streamLines } from '../events/stream-events.ts'
import type { Line } from '../lines/line.ts'
import { CompactError } from './compact-error.ts'

const lines: LinesOf<typeof eventTable> = { ...processLines, ...hookLines, ...streamLines }

/** Icon and word at the start of an event's line; its key if it has no line. */
export function compactLabel(event: Event, details = false): string {
  try {
    const line = eventLine(event, details)
    return typeof line === 'string' ? line : `${line.icon.trim()} ${line.word}`
  } catch {
    return event.key
  }
}

/**
 * Describes the line of an event.
 * @param details with the arguments of hooks that Tetragon's lines omit
 * @throws CompactError if it has none
 */
export function eventLine(event: Event, details = false): Line | string {
  // The table's type ties each key to its body; the compiler cannot follow that through the lookup.
  const lineOf = lines[event.key] as
    | ((body: Event['body'], details: boolean) => Line | string)
    | null
  if (lineOf === null) {
    throw new CompactError('unknown_event_type', `unknown event type: ${event.key}`)
  }
  const line = lineOf(event.body, details)
  if (typeof line !== 'string' && line.process === undefined) {
    throw new CompactError('missing_process_info', `print ${event.key}: missing process info`)
  }
  return line
}
