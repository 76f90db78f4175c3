import type { Event } from '@tetragon-ts/api'
import { decodeEvent } from '../events/event-filter.ts'
import type { QueuedEvent } from '../queue/event-store.ts'

/** What schemas know of the agent. */
export interface SchemaHost {
  readonly nodeName: string
  /** Version of the agent. */
  readonly version: string
}

/** An event as a document for a receiver. */
export interface EncodedEvent {
  readonly queued: QueuedEvent
  readonly event: Event
  /** A JSON object, in one line. */
  readonly json: string
}

/** Turns events into the documents of a schema. */
export type Schema = (event: Event, host: SchemaHost, line: Buffer) => string

/**
 * Encodes events; those without a document are apart: lines that are not events, and events that
 * the schema fails on. Sending them again would hold up all others.
 */
export function encodeEvents(
  events: readonly QueuedEvent[],
  schema: Schema,
  host: SchemaHost,
): { readonly encoded: EncodedEvent[]; readonly wrong: QueuedEvent[] } {
  const encoded: EncodedEvent[] = []
  const wrong: QueuedEvent[] = []
  for (const queued of events) {
    const event = decodeEvent(queued.line)
    const json = event && encode(event, schema, host, queued.line)
    if (event === undefined || json === undefined) wrong.push(queued)
    else encoded.push({ queued, event, json })
  }
  return { encoded, wrong }
}

function encode(event: Event, schema: Schema, host: SchemaHost, line: Buffer): string | undefined {
  try {
    return schema(event, host, line)
  } catch {
    return undefined
  }
}
