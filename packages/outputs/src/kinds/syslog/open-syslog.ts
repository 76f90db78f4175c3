import type { Connection, Receipt, Target } from '../../connection.ts'
import { Datagrams } from '../../network/datagrams.ts'
import { hostOf, Stream } from '../../network/stream.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { encodeEvents, type SchemaHost } from '../../schemas/schema.ts'
import { type Facility, facilities } from './facilities.ts'
import { syslogMessage } from './syslog-message.ts'

/** Values of the parameters. */
interface SyslogValues extends TlsValues {
  readonly schema: SchemaName
  readonly facility: Facility
  readonly 'max-length': number
}

/** Ports without one in the URL (RFC 5426, 6587, 5425). */
const ports: Readonly<Record<string, number>> = {
  'syslog+udp:': 514,
  'syslog+tcp:': 601,
  'syslog+tls:': 6514,
}

/** Opens an output to a syslog receiver. @throws BadValue if a file cannot be read */
export async function openSyslog(target: Target<SyslogValues>): Promise<Connection> {
  const { url, values } = target
  const form: Form = { values, host: target }
  const host = hostOf(url)
  const port = url.port === '' ? ports[url.protocol] : Number(url.port)
  if (url.protocol === 'syslog+udp:') return new SyslogDatagrams(host, port, form)
  const isTls = url.protocol === 'syslog+tls:'
  const tls = async () => (isTls ? await readTlsFiles(values) : undefined)
  await tls()
  const open = async (signal: AbortSignal): Promise<Stream> => {
    return Stream.open({ host, port, tls: await tls() }, signal)
  }
  return new SyslogStream(open, form)
}

/** The form of messages. */
interface Form {
  readonly values: SyslogValues
  readonly host: SchemaHost
}

/** An event with its message. */
interface Encoded {
  readonly event: QueuedEvent
  readonly message: Buffer
}

/** Messages of events; those without one are refused. */
function encode(events: readonly QueuedEvent[], { values, host }: Form) {
  const longest = values['max-length']
  const { encoded, wrong } = encodeEvents(events, schemas[values.schema], host)
  const all = encoded.map((each): Encoded => {
    return { event: each.queued, message: syslogMessage(each, facilities[values.facility]) }
  })
  const fitting = all.filter(({ message }) => message.length <= longest)
  const tooLong = all.filter(({ message }) => message.length > longest)
  const refused = [...wrong, ...tooLong.map(({ event }) => event)]
  const reason = `messages are longer than max-length=${longest}, or not events`
  const receipt: Receipt = refused.length > 0 ? { refused: { events: refused, reason } } : {}
  return { encoded: fitting, receipt }
}

/** Messages in a stream, each after its length. */
class SyslogStream implements Connection {
  readonly batch = { events: 512, bytes: 1 << 18, linger: 0 }
  readonly #open: (signal: AbortSignal) => Promise<Stream>
  readonly #form: Form
  #stream: Stream | undefined

  constructor(open: (signal: AbortSignal) => Promise<Stream>, form: Form) {
    this.#open = open
    this.#form = form
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { encoded, receipt } = encode(events, this.#form)
    if (encoded.length === 0) return receipt
    if (this.#stream === undefined || this.#stream.isClosed) this.#stream = await this.#open(signal)
    const frames = encoded.flatMap(({ message }) => [Buffer.from(`${message.length} `), message])
    await this.#stream.write(Buffer.concat(frames), signal)
    return receipt
  }

  close(): void {
    this.#stream?.close()
  }
}

/** Each message in a datagram. */
class SyslogDatagrams implements Connection {
  readonly batch = { events: 64, bytes: 1 << 18, linger: 0 }
  readonly #datagrams: Datagrams
  readonly #form: Form

  constructor(host: string, port: number, form: Form) {
    this.#datagrams = new Datagrams(host, port)
    this.#form = form
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { encoded, receipt } = encode(events, this.#form)
    for (const [index, { message }] of encoded.entries()) {
      try {
        signal.throwIfAborted()
        await this.#datagrams.send(message)
      } catch (error) {
        const rest = encoded.slice(index).map(({ event }) => event)
        return { ...receipt, again: { events: rest, reason: (error as Error).message } }
      }
    }
    return receipt
  }

  close(): void {
    this.#datagrams.close()
  }
}
