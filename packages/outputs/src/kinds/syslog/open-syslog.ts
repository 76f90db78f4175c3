import type { Connection, Receipt, Target } from '../../connection.ts'
import { Datagrams } from '../../network/datagrams.ts'
import { hostOf, Stream } from '../../network/stream.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-queue.ts'
import { type Facility, facilities } from './facilities.ts'
import { syslogMessage } from './syslog-message.ts'

/** Values of the parameters. */
interface SyslogValues extends TlsValues {
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
export async function openSyslog({ url, values }: Target<SyslogValues>): Promise<Connection> {
  const host = hostOf(url)
  const port = url.port === '' ? ports[url.protocol] : Number(url.port)
  if (url.protocol === 'syslog+udp:') return new SyslogDatagrams(host, port, values)
  const isTls = url.protocol === 'syslog+tls:'
  const tls = async () => (isTls ? await readTlsFiles(values) : undefined)
  await tls()
  const open = async (signal: AbortSignal): Promise<Stream> => {
    return Stream.open({ host, port, tls: await tls() }, signal)
  }
  return new SyslogStream(open, values)
}

/** An event with its message. */
interface Encoded {
  readonly event: QueuedEvent
  readonly message: Buffer
}

/** Messages of events; those without one are refused. */
function encode(events: readonly QueuedEvent[], values: SyslogValues) {
  const longest = values['max-length']
  const encoded: Encoded[] = []
  const refused: QueuedEvent[] = []
  for (const event of events) {
    const message = syslogMessage(event, facilities[values.facility])
    if (message === undefined || message.length > longest) refused.push(event)
    else encoded.push({ event, message })
  }
  const reason = `messages are longer than max-length=${longest}, or not events`
  const receipt: Receipt = refused.length > 0 ? { refused: { events: refused, reason } } : {}
  return { encoded, receipt }
}

/** Messages in a stream, each after its length. */
class SyslogStream implements Connection {
  readonly batch = { events: 512, bytes: 1 << 18, linger: 0 }
  readonly #open: (signal: AbortSignal) => Promise<Stream>
  readonly #values: SyslogValues
  #stream: Stream | undefined

  constructor(open: (signal: AbortSignal) => Promise<Stream>, values: SyslogValues) {
    this.#open = open
    this.#values = values
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { encoded, receipt } = encode(events, this.#values)
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
  readonly #values: SyslogValues

  constructor(host: string, port: number, values: SyslogValues) {
    this.#datagrams = new Datagrams(host, port)
    this.#values = values
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { encoded, receipt } = encode(events, this.#values)
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
