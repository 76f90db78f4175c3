import { codecOf, type Event, eventOf, findEventKind, GetEventsResponse } from '@tetragon-ts/api'
import type { EventClass } from '@tetragon-ts/outputs/queue'
import { type FilterSubject, filterSubject } from '@tetragon-ts/policy/filters'
import { framePrefix } from '../../../reader/outputs/framing.ts'
import { eventPid, eventTime, type Timestamp } from './event-fields.ts'
import { WireSubject } from './wire-subject.ts'

const codec = codecOf(GetEventsResponse)

/** Number of the field at this tag: the agent writes the event itself first. */
function fieldNumber(bytes: Uint8Array, at: number): number {
  let tag = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]
    tag |= (byte & 0x7f) << (i * 7)
    if (byte < 0x80) break
  }
  return tag >>> 3
}

/** One event for several clients, decoded once on first use. */
export class StreamedEvent {
  /** The framed message is between `from` and `to`. */
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  readonly eventClass: EventClass
  #event: Event | undefined
  #subject: FilterSubject | undefined
  #copy: Buffer | undefined

  constructor(bytes: Buffer, from: number, to: number, of: EventClass) {
    this.bytes = bytes
    this.from = from
    this.to = to
    this.eventClass = of
  }

  /** The whole event. @throws Error if the message is invalid, which is a bug of the agent */
  get event(): Event {
    if (this.#event === undefined) {
      const parsed = eventOf(codec.decode(this.#message))
      if (!parsed.ok) throw new Error(`read own event: ${parsed.reason}`)
      this.#event = parsed.event
    }
    return this.#event
  }

  get #message(): Buffer {
    return this.bytes.subarray(this.from + framePrefix, this.to)
  }

  /** Number of its kind. */
  get kind(): number {
    return fieldNumber(this.bytes, this.from + framePrefix)
  }

  /** The pid of its process, read without decoding the event; undefined if it has none. */
  get pid(): number | undefined {
    return eventPid(this.bytes, this.from + framePrefix, this.to)
  }

  /** Its time, read without decoding the event; undefined if it has none. */
  get time(): Timestamp | undefined {
    return eventTime(this.bytes, this.from + framePrefix, this.to)
  }

  /** The subject of filters. */
  get subject(): FilterSubject {
    this.#subject ??= this.#makeSubject()
    return this.#subject
  }

  #makeSubject(): FilterSubject {
    const kind = findEventKind(this.kind)
    if (kind === undefined) return filterSubject(this.event)
    const { bytes, from, to } = this
    return new WireSubject(kind, bytes, from + framePrefix, to, () => this.event)
  }

  /**
   * Content of a policy event without its time; undefined for other events, which are never
   * aggregated.
   */
  get statement(): string | undefined {
    if (findEventKind(this.kind)?.repeats !== true) return undefined
    const { key, body } = this.event
    const {
      process,
      parent: _,
      ancestors: __,
      ...rest
    } = body as { process?: { exec_id?: string }; parent?: object; ancestors?: object }
    return `${key} ${process?.exec_id ?? ''} ${JSON.stringify(rest)}`
  }

  /** Number of hits that it stands for. */
  get count(): number {
    return Number(this.event.response.aggregation_info?.count ?? 1)
  }

  /** A copy of the framed message, for receivers that keep few messages of a batch. */
  get copy(): Buffer {
    this.#copy ??= Buffer.from(this.bytes.subarray(this.from, this.to))
    return this.#copy
  }
}
