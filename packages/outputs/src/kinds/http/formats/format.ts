import type { Receipt } from '../../../connection.ts'
import type { EncodedEvent, SchemaHost } from '../../../schemas/schema.ts'
import type { RequestForm } from '../http-requests.ts'

/** What formats know beside events. */
export interface FormatContext {
  /** The parameter; empty if it is not set. */
  readonly index: string
  readonly host: SchemaHost
}

/** The form of requests to an API, and the meaning of its answers. */
export interface HttpFormat extends RequestForm {
  /** The path if the URL has none. */
  readonly path: string
  /** Maximum number of events in a batch, if the API has one. */
  readonly eventsMax?: number
  /** Whether only findings have this form. */
  readonly findingsOnly?: boolean
  /** The bodies of the requests for a batch. */
  bodies(events: readonly EncodedEvent[], context: FormatContext): readonly (string | Uint8Array)[]
  /** Whether an event has this form; asked of each if `bodies` throws. By default all have. */
  fits?(event: EncodedEvent): boolean
  /**
   * Reads an answer that is a success as a whole.
   * @throws SendError if it is not one of the API
   */
  read?(body: Buffer, events: readonly EncodedEvent[]): Receipt
}
