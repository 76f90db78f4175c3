import { type AggregationOptions, codecOf, GetEventsResponse } from '@tetragon-ts/api'
import type { EventClass } from '../../../reader/event-class.ts'
import { framed, framePrefix } from '../../../reader/outputs/framing.ts'
import { RequestError } from '../../../request-error.ts'
import type { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)
const defaultGroups = 10_000
/** Maximum number of bytes that are held back, for any number of groups. */
const heldBytesMax = 2 ** 25
const longestWindowMs = 3_600_000

/** Receives a framed message. */
type SendFrame = (frame: Buffer, of: EventClass) => void

/** Equal events. */
interface Group {
  readonly statement: string
  /** The first of them, framed. */
  readonly frame: Buffer
  readonly eventClass: EventClass
  readonly execId: string
  readonly since: number
  count: number
}

/**
 * Joins equal policy events of a process within a time window: the first is sent at the end of the
 * window, with the number of equal ones. All other events are passed on immediately; the exit of a
 * process follows its held events.
 */
export class Aggregator {
  readonly #windowMs: number
  readonly #limit: number
  readonly #send: SendFrame
  /** By content, in the order in which their windows end. */
  readonly #groups = new Map<string, Group>()
  /** By exec id: an exit must not search the groups of all processes. */
  readonly #byProcess = new Map<string, Set<Group>>()
  #timer: NodeJS.Timeout | undefined
  #heldBytes = 0

  /**
   * @param options length of the window, and maximum number of groups
   * @param send receives framed messages
   * @throws RequestError for an invalid window
   */
  constructor(options: AggregationOptions, send: SendFrame) {
    this.#windowMs = windowOf(options)
    this.#limit = Number(options.channel_buffer_size ?? 0) || defaultGroups
    this.#send = send
  }

  /** Handles an event and its framed message. */
  add(event: StreamedEvent, frame: Buffer): void {
    const { statement } = event
    if (statement === undefined) {
      if (event.subject.key === 'process_exit') this.#sendOf(event.subject.process?.exec_id ?? '')
      this.#send(frame, event.eventClass)
      return
    }
    const known = this.#groups.get(statement)
    if (known !== undefined) {
      known.count += event.count
      return
    }
    const { count, eventClass } = event
    const execId = event.subject.process?.exec_id ?? ''
    this.#hold({ statement, frame, eventClass, execId, since: performance.now(), count })
    while (this.#groups.size > this.#limit || this.#heldBytes > heldBytesMax) this.#sendFirst()
    this.#timer ??= setTimeout(this.#onTime, this.#windowMs)
  }

  #hold(group: Group): void {
    this.#groups.set(group.statement, group)
    const groups = this.#byProcess.get(group.execId)
    if (groups === undefined) this.#byProcess.set(group.execId, new Set([group]))
    else groups.add(group)
    this.#heldBytes += sizeOf(group)
  }

  readonly #onTime = (): void => {
    this.#timer = undefined
    const now = performance.now()
    for (const { since } of this.#groups.values()) {
      const left = since + this.#windowMs - now
      if (left > 0) {
        this.#timer = setTimeout(this.#onTime, left)
        return
      }
      this.#sendFirst()
    }
  }

  #sendFirst(): void {
    for (const group of this.#groups.values()) return this.#sendGroup(group)
  }

  #sendOf(execId: string): void {
    for (const group of this.#byProcess.get(execId) ?? []) this.#sendGroup(group)
  }

  #sendGroup(group: Group): void {
    const { statement, execId } = group
    this.#groups.delete(statement)
    const groups = this.#byProcess.get(execId)
    groups?.delete(group)
    if (groups?.size === 0) this.#byProcess.delete(execId)
    this.#heldBytes -= sizeOf(group)
    this.#send(frameOf(group), group.eventClass)
  }

  /** Drops the held events. */
  close(): void {
    clearTimeout(this.#timer)
    this.#groups.clear()
    this.#byProcess.clear()
  }
}

/** Bytes that a group holds: its event, and the text that it is found by. */
function sizeOf({ frame, statement }: Group): number {
  return frame.length + statement.length
}

/** In protobuf, appending the bytes of a field adds it to a message. */
function frameOf({ frame, count }: Group): Buffer {
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
