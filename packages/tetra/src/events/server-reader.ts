import {
  CompactError,
  codecOf,
  escapeUnprintable,
  eventOf,
  GetEventsResponse,
} from '@tetragon-ts/api'
import type { Output } from './output.ts'
import type { ChunkReader } from './pump.ts'
import { SkipCounter } from './skip-counter.ts'

const codec = codecOf(GetEventsResponse)

/** Handles a report of lost events. @param node of the agent */
export type LossHandler = (count: string, node: string) => void

/** Handles the answer to a request for the past. @param time since when events are kept */
type KeptHandler = (time: string) => void

/** Reads events from an agent, one per chunk; counts skipped ones. */
export class ServerReader implements ChunkReader {
  readonly #output: Output
  readonly #onLoss: LossHandler | undefined
  readonly #unknown = new SkipCounter('event of unknown type', 'event')
  readonly #unprintable = new SkipCounter('event that cannot be printed', 'event')
  #number = 0
  #onKept: KeptHandler | undefined
  /** Whether the agent has begun to send the past. */
  hasPast = false

  /** @param onLoss called, instead of writing to the output, when the agent reports lost events */
  constructor(output: Output, onLoss?: LossHandler) {
    this.#output = output
    this.#onLoss = onLoss
  }

  /**
   * The past was requested.
   * @param onKept receives the time since when the agent keeps events
   */
  expectPast(onKept: KeptHandler): void {
    this.#onKept = onKept
  }

  /** Reads an event; returns the output to write. @throws ProtobufError */
  push(chunk: Buffer): string | Buffer {
    this.#number++
    const response = codec.decode(chunk)
    if (response.kept_since !== undefined) {
      this.hasPast = true
      this.#onKept?.(response.kept_since)
      return ''
    }
    if (this.#onKept !== undefined && !this.hasPast) {
      throw new Error('read events: the agent does not send events of the past: omit --since')
    }
    const parsed = eventOf(response)
    if (!parsed.ok) {
      this.#unknown.add(this.#number, parsed.reason)
      return ''
    }
    const { event } = parsed
    if (event.key === 'rate_limit_info' && this.#onLoss !== undefined) {
      const count = event.body.number_of_dropped_process_events ?? 0
      this.#onLoss(String(count), response.node_name ?? '?')
      return ''
    }
    const text = JSON.stringify(response)
    const buffer = Buffer.from(text)
    try {
      this.#output.add({ event, text, buffer, start: 0, end: buffer.length })
    } catch (error) {
      const unknown = error instanceof CompactError && error.code === 'unknown_event_type'
      const counter = unknown ? this.#unknown : this.#unprintable
      counter.add(this.#number, escapeUnprintable((error as Error).message))
    }
    return this.#output.take()
  }

  end(): string | Buffer {
    return this.#output.take()
  }

  /** Reports skipped events, one line per reason; empty if there are none. */
  report(): string {
    return this.#unknown.report() + this.#unprintable.report()
  }
}
