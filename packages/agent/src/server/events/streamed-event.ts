import {
  codecOf,
  type Event,
  type EventKey,
  type EventKind,
  eventMessages,
  type FilterSubject,
  filterSubject,
  findEventKind,
  GetEventsResponse,
  type Process,
  parseEvent,
} from '@tetragon-ts/api'
import { joinFields, type WireField } from './join-fields.ts'
import { type KnownProcesses, type SeenProcess, textOfBytes } from './known-processes.ts'

const envelopeCodec = codecOf(GetEventsResponse)
const bodyCodecs = new Map(
  Object.entries(eventMessages).map(([key, type]) => [key, { type, codec: codecOf(type) }]),
)

const processStart = '":{"process":'
const parentStart = ',"parent":'

/** Kinds of events that a process can cause many times in the same way. */
const repeated: ReadonlySet<EventKey> = new Set([
  'process_kprobe',
  'process_tracepoint',
  'process_uprobe',
  'process_usdt',
  'process_lsm',
  'process_loader',
])

/** An event taken apart: its processes, and the rest of it. */
interface Parts {
  readonly kind: EventKind
  readonly process: SeenProcess
  readonly parent: SeenProcess | undefined
  /** The event's body without these two. */
  readonly body: {
    readonly parent?: Process
    readonly ancestors?: readonly Process[]
    readonly policy_name?: string
  }
  /** The envelope; the event is not among its fields. */
  readonly envelope: GetEventsResponse
}

/**
 * One event on its way to several clients: read and encoded once, when first asked for, and with the
 * help of what is known of its processes.
 */
export class StreamedEvent {
  readonly #line: string
  readonly #processes: KnownProcesses
  #parts: Parts | false | undefined
  #event: Event | undefined
  #subject: FilterSubject | undefined
  #bytes: Buffer | undefined

  /** @param line event JSON in UTF-8, in a string of one byte per character */
  constructor(line: string, processes: KnownProcesses) {
    this.#line = line
    this.#processes = processes
  }

  /** The whole event. @throws Error when the line is none, which is the agent's own fault */
  get event(): Event {
    if (this.#event === undefined) {
      const parsed = parseEvent(textOfBytes(this.#line))
      if (!parsed.ok) throw new Error(`read own event: ${parsed.reason}`)
      this.#event = parsed.event
    }
    return this.#event
  }

  /** What filters look at. */
  get subject(): FilterSubject {
    this.#subject ??= this.#makeSubject()
    return this.#subject
  }

  #makeSubject(): FilterSubject {
    const parts = this.#takeApart()
    if (!parts) return filterSubject(this.event)
    const { kind, process, parent, body } = parts
    const whole = (): GetEventsResponse => this.event.response
    return {
      // Read only if somebody looks at it.
      get response() {
        return whole()
      },
      key: kind.key,
      process: process.fields,
      parent: parent ? parent.fields : body.parent,
      ancestors: body.ancestors,
      policyName: body.policy_name,
    }
  }

  /**
   * All that an event of a policy says, its time aside; undefined for other events, which happen
   * once only.
   */
  get statement(): string | undefined {
    const parts = this.#takeApart()
    if (!parts || !repeated.has(parts.kind.key)) return undefined
    const { kind, process, body } = parts
    return `${kind.key} ${process.head.fields.exec_id} ${JSON.stringify(body)}`
  }

  /** The event as protobuf. */
  get bytes(): Buffer {
    this.#bytes ??= this.#encode()
    return this.#bytes
  }

  #encode(): Buffer {
    const parts = this.#takeApart()
    if (!parts) return envelopeCodec.encode(this.event.response)
    const { kind, process, parent, body, envelope } = parts
    const known = bodyCodecs.get(kind.key)
    if (known === undefined) return envelopeCodec.encode(this.event.response)
    const { type, codec } = known
    const fields: WireField[] = [
      { number: type.fields.process.number, head: process.head.bytes, tail: process.tail.bytes },
      ...(parent
        ? [{ number: type.fields.parent.number, head: parent.head.bytes, tail: parent.tail.bytes }]
        : []),
    ]
    return joinFields(kind.number, fields, codec.encode(body), envelopeCodec.encode(envelope))
  }

  /** False if the line is not written in the way that this understands. */
  #takeApart(): Parts | false {
    this.#parts ??= takeApart(this.#line, this.#processes) ?? false
    return this.#parts
  }
}

/** Lines begin with `{"KIND":{"process":{…},"parent":{…}`; whatever follows is short. */
function takeApart(line: string, processes: KnownProcesses): Parts | undefined {
  const keyEnd = line.indexOf('"', 2)
  const kind = findEventKind(line.slice(2, keyEnd) as EventKey)
  if (kind === undefined || !line.startsWith(processStart, keyEnd)) return undefined
  const process = processes.find(line, keyEnd + processStart.length)
  if (process === undefined) return undefined
  let { end } = process
  let parent: SeenProcess | undefined
  if (line.startsWith(parentStart, end)) {
    parent = processes.find(line, end + parentStart.length)
    if (parent === undefined) return undefined
    end = parent.end
  }
  const rest = line.slice(line[end] === ',' ? end + 1 : end)
  const envelope = JSON.parse(`{"body":{${textOfBytes(rest)}`)
  return { kind, process, parent, body: envelope.body, envelope }
}
