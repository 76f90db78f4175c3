import { checkMessage } from './check-message.ts'
import type { Event } from './event.ts'
import { findEventKind } from './event-type.ts'
import { type EventKey, GetEventsResponse } from './events/event-table.ts'
import { escapeUnprintable } from './quoting/escape.ts'

/** Why a line is not an event: empty, not JSON, JSON of another shape, or an unknown kind. */
export type ParseFailure = 'empty' | 'malformed_json' | 'invalid_shape' | 'unknown_event'

/** Result of parseEvent. `reason` is one printable line, safe to show on a terminal. */
export type ParsedLine =
  | { readonly ok: true; readonly event: Event }
  | { readonly ok: false; readonly failure: ParseFailure; readonly reason: string }

const longestReason = 200

function fail(failure: ParseFailure, reason: string): ParsedLine {
  const text = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason
  return { ok: false, failure, reason: escapeUnprintable(text) }
}

/**
 * Parses one line of event JSON. Accepts any text and never throws: a line that is not an event is
 * returned as a failure. The types of known fields are checked, so that callers need not do it;
 * unknown fields are kept.
 */
export function parseEvent(line: string): ParsedLine {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    if (line.trim() === '') return fail('empty', 'empty line')
    return fail('malformed_json', `parse event: ${(error as Error).message}`)
  }
  const wrong = checkMessage(GetEventsResponse, value)
  if (wrong !== undefined)
    return fail('invalid_shape', `parse event: ${wrong.replace(/^[.:] ?/, '')}`)
  return eventOf(value as GetEventsResponse)
}

/** Finds the event in its envelope, whose fields must have the right types. */
export function eventOf(response: GetEventsResponse): ParsedLine {
  let key: EventKey | undefined
  for (const name in response) {
    const kind = findEventKind(name)
    if (kind === undefined || kind.key !== name || response[kind.key] === undefined) continue
    if (key !== undefined) {
      return fail('invalid_shape', `parse event: both ${key} and ${name} in one event`)
    }
    key = kind.key
  }
  if (key === undefined) {
    return fail('unknown_event', `unknown event type: ${Object.keys(response).join(', ')}`)
  }
  return { ok: true, event: { key, body: response[key], response } as Event }
}
