import { codecOf, type Event, GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import type { ReadLine, RecordedEvent } from './record-reader.ts'

const codec = codecOf(GetEventsResponse)

/** An event that has been decoded. */
export interface DecodedEvent extends RecordedEvent {
  readonly event: Event
  /** In wire form. */
  readonly bytes: Uint8Array
}

/** Reads and checks the whole event. @throws Error if it has no wire form */
export const readDecoded: ReadLine<DecodedEvent> = (buffer, start, end, timeBefore) => {
  const parsed = parseEvent(buffer.toString('utf8', start, end))
  if (!parsed.ok) {
    const { failure, reason } = parsed
    if (failure === 'empty') return { failure, reason }
    return { failure: failure === 'malformed_json' ? 'cut-off' : 'broken', reason }
  }
  const { event } = parsed
  const bytes = codec.encode(event.response)
  return { time: timeOf(event) ?? timeBefore, event, bytes }
}

function timeOf({ response }: Event): number | undefined {
  const time = Date.parse(response.time ?? '')
  return Number.isNaN(time) ? undefined : time
}
