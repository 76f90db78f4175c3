import {
  codecOf,
  type Event,
  type EventKey,
  eventOf,
  type FilterSubject,
  filterSubject,
  GetEventsResponse,
} from '@tetragon-ts/api'
import { framePrefix } from './framing.ts'

const codec = codecOf(GetEventsResponse)

/** Kinds of events that a process can cause many times in the same way. */
const repeated: ReadonlySet<EventKey> = new Set([
  'process_kprobe',
  'process_tracepoint',
  'process_uprobe',
  'process_usdt',
  'process_lsm',
  'process_loader',
])

/** One event on its way to several clients: it is read once, when somebody first looks into it. */
export class StreamedEvent {
  /** The framed message lies from `from` to `to`, among others. */
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  #event: Event | undefined
  #subject: FilterSubject | undefined
  #copy: Buffer | undefined

  constructor(bytes: Buffer, from: number, to: number) {
    this.bytes = bytes
    this.from = from
    this.to = to
  }

  /** The whole event. @throws Error when the message is none, which is the agent's own fault */
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

  /** What filters look at. */
  get subject(): FilterSubject {
    this.#subject ??= filterSubject(this.event)
    return this.#subject
  }

  /**
   * All that an event of a policy says, its time aside; undefined for other events, which happen
   * once only.
   */
  get statement(): string | undefined {
    const { key, body } = this.event
    if (!repeated.has(key)) return undefined
    const {
      process,
      parent: _,
      ancestors: __,
      ...rest
    } = body as { process?: { exec_id?: string }; parent?: object; ancestors?: object }
    return `${key} ${process?.exec_id ?? ''} ${JSON.stringify(rest)}`
  }

  /** The framed message in memory of its own, for those who keep few of the messages around it. */
  get copy(): Buffer {
    this.#copy ??= Buffer.from(this.bytes.subarray(this.from, this.to))
    return this.#copy
  }
}
