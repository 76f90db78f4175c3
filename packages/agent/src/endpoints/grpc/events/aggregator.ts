import { type AggregationOptions, codecOf, GetEventsResponse } from '@tetragon-ts/api'
import type { EventClass } from '@tetragon-ts/outputs/queue'
import { Aggregation } from '../../../reader/export/aggregation.ts'
import { framed, framePrefix } from '../../../reader/outputs/framing.ts'
import { RequestError } from '../../../request-error.ts'
import type { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)
const defaultGroups = 10_000
const longestWindowMs = 3_600_000

/** Receives a framed message. */
type SendFrame = (frame: Buffer, of: EventClass) => void

/**
 * Aggregation for a client. Policy events are held back; all other events are passed on
 * immediately, and the exit of a process follows its held events.
 */
export class Aggregator {
  readonly #groups: Aggregation<Buffer>
  readonly #send: SendFrame
  #timer: NodeJS.Timeout | undefined

  /**
   * @param options length of the window, and maximum number of groups
   * @param send receives framed messages
   * @throws RequestError for an invalid window
   */
  constructor(options: AggregationOptions, send: SendFrame) {
    const limit = Number(options.channel_buffer_size ?? 0) || defaultGroups
    this.#groups = new Aggregation(
      { windowMs: windowOf(options), limit },
      (frame, count, eventClass) => send(withCount(frame, count), eventClass),
    )
    this.#send = send
  }

  /** Handles an event. @param encode makes its framed message, if it is needed */
  add(event: StreamedEvent, encode: () => Buffer): void {
    const { statement, subject, eventClass: of } = event
    const execId = (): string => subject.process?.exec_id ?? ''
    if (statement === undefined) {
      if (subject.key === 'process_exit') this.#groups.sendOf(execId())
      this.#send(encode(), of)
      return
    }
    const joinable = { statement, encode: () => unpooled(encode()), count: event.count, of }
    this.#groups.add(execId(), joinable, performance.now())
    if (this.#timer === undefined) this.#wait()
  }

  #wait(): void {
    const ms = this.#groups.nextDue(performance.now())
    this.#timer = ms === undefined ? undefined : setTimeout(this.#onTime, ms)
  }

  readonly #onTime = (): void => {
    this.#groups.sendDue(performance.now())
    this.#wait()
  }

  /** Sends the held events. */
  flush(): void {
    this.#groups.sendDue(Number.POSITIVE_INFINITY)
  }

  /** Drops the held events. */
  close(): void {
    clearTimeout(this.#timer)
    this.#groups.clear()
  }
}

/**
 * A copy in memory of its own: a small one that is held back would keep the pool of Node.js that it
 * shares with others, 8 KiB, which nobody counts.
 */
function unpooled(frame: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(frame.length)
  frame.copy(own)
  return own
}

/** In protobuf, appending the bytes of a field adds it to a message. */
function withCount(frame: Buffer, count: number): Buffer {
  if (count === 1) return frame
  const info = codec.encode({ aggregation_info: { count } })
  return framed(Buffer.concat([frame.subarray(framePrefix), info]))
}

function windowOf({ window_size = '0s' }: AggregationOptions): number {
  const ms = Number.parseFloat(window_size) * 1000
  if (ms > 0 && ms <= longestWindowMs) return ms
  throw new RequestError(
    'invalid',
    `aggregate events: invalid window ${window_size}: the maximum is 1 h`,
  )
}
