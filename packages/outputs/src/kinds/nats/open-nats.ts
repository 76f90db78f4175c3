import { type Connection, type Receipt, SendError, type Target } from '../../connection.ts'
import { eventId } from '../../events/event-fields.ts'
import { hostOf } from '../../network/stream.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { encodeEvents } from '../../schemas/schema.ts'
import { type NatsLoginValues, readNatsLogin } from './nats-login.ts'
import { type NatsAddress, type NatsReply, NatsSession } from './nats-session.ts'

/** Values of the parameters. */
interface NatsValues extends TlsValues, NatsLoginValues {
  readonly schema: SchemaName
  readonly subject: string
  readonly stream: string
  readonly 'create-stream': number
  readonly 'batch-events': number
}

const usualPort = 4222
/** Errors of JetStream that another attempt does not change: the message is too long. */
const permanentErrors: ReadonlySet<unknown> = new Set([10054])
/** A stream of this name exists with other settings. */
const existsAlready = 10058
/** Bytes of the headers of a message, without the stream. */
const headersMax = 100

/** Opens an output to a stream of NATS. @throws BadValue if a file cannot be read */
export async function openNats(target: Target<NatsValues>): Promise<Connection> {
  const connection = new NatsConnection(target)
  await connection.readFiles()
  return connection
}

class NatsConnection implements Connection {
  readonly batch
  readonly #target: Target<NatsValues>
  #session: NatsSession | undefined

  constructor(target: Target<NatsValues>) {
    this.#target = target
    this.batch = { events: target.values['batch-events'], bytes: 1 << 20, linger: 0 }
  }

  /** Reads the files of parameters, which may be new ones. @throws BadValue */
  async readFiles(): Promise<Pick<NatsAddress, 'tls' | 'login'>> {
    const { url, values } = this.#target
    const tls = url.protocol === 'nats+tls:' ? await readTlsFiles(values) : undefined
    return { tls, login: await readNatsLogin(values) }
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { values } = this.#target
    const session = await this.#open(signal)
    const { encoded, wrong } = encodeEvents(events, schemas[values.schema], this.#target)
    const expected = values.stream === '' ? '' : `Nats-Expected-Stream: ${values.stream}\r\n`
    // Outputs to one stream with other schemas have other messages for the same event.
    const form = Buffer.from(` ${values.schema} ${values.subject}`)
    const all = encoded.map(({ queued, json }) => {
      const id = eventId(Buffer.concat([queued.line, form]))
      const headers = `Nats-Msg-Id: ${id}\r\n${expected}`
      return { queued, subject: values.subject, headers, payload: Buffer.from(json) }
    })
    const limit = session.maxPayload - headersMax - expected.length
    const fitting = all.filter(({ payload }) => payload.length <= limit)
    const tooLong = all.filter(({ payload }) => payload.length > limit)
    const refused = [...wrong, ...tooLong.map(({ queued }) => queued)]
    let reason = `messages are longer than ${limit} bytes, or not events`
    const again: QueuedEvent[] = []
    let againReason = ''
    for (const [index, reply] of (await session.publish(fitting, signal)).entries()) {
      const failure = failureOf(reply)
      if (failure === undefined) continue
      if (failure.isPermanent) {
        refused.push(fitting[index].queued)
        reason = failure.message
      } else {
        again.push(fitting[index].queued)
        againReason = failure.message
      }
    }
    return {
      ...(refused.length > 0 ? { refused: { events: refused, reason } } : {}),
      ...(again.length > 0 ? { again: { events: again, reason: againReason } } : {}),
    }
  }

  async #open(signal: AbortSignal): Promise<NatsSession> {
    if (this.#session !== undefined && !this.#session.isClosed) return this.#session
    const { url, nodeName, version } = this.#target
    const port = url.port === '' ? usualPort : Number(url.port)
    const files = await this.readFiles()
    const name = `tetragon on ${nodeName}`
    const address = { host: hostOf(url), port, ...files, name, version }
    const session = await NatsSession.open(address, signal)
    try {
      await this.#createStream(session, signal)
    } catch (error) {
      session.close()
      throw error
    }
    this.#session = session
    return session
  }

  async #createStream(session: NatsSession, signal: AbortSignal): Promise<void> {
    const { stream, subject, 'create-stream': size } = this.#target.values
    if (size === 0) return
    const subjects = [subject]
    const form = { retention: 'limits', discard: 'old', storage: 'file', max_bytes: size }
    const payload = Buffer.from(JSON.stringify({ name: stream, subjects, ...form }))
    const request = { subject: `$JS.API.STREAM.CREATE.${stream}`, headers: '', payload }
    const [{ text }] = await session.publish([request], signal)
    const error = readReply(text)?.error ?? undefined
    if (error === undefined || error.err_code === existsAlready) return
    throw new SendError('again', `create stream ${stream}: ${describe(error.description)}`)
  }

  close(): void {
    this.#session?.close()
  }
}

/** Why a message was not accepted. */
interface Failure {
  readonly isPermanent: boolean
  readonly message: string
}

/** @returns undefined if a stream has the message */
function failureOf({ headers, text }: NatsReply): Failure | undefined {
  if (/^NATS\/1\.0 503/.test(headers)) return again('no stream has the subject')
  const { stream, error } = readReply(text) ?? {}
  if (error !== undefined && error !== null) {
    const isPermanent = permanentErrors.has(error.err_code)
    return { isPermanent, message: `JetStream: ${describe(error.description)}` }
  }
  if (typeof stream === 'string') return undefined
  return again('the answer is not that of a stream: is another subscriber on the subject?')
}

function again(message: string): Failure {
  return { isPermanent: false, message }
}

/** What JetStream answers. */
interface JetStreamReply {
  readonly stream?: unknown
  readonly error?: { readonly err_code?: unknown; readonly description?: unknown } | null
}

/** @returns undefined if it is anything else */
function readReply(text: string): JetStreamReply | undefined {
  try {
    const reply: unknown = JSON.parse(text)
    return typeof reply === 'object' && reply !== null ? reply : undefined
  } catch {
    return undefined
  }
}

function describe(text: unknown): string {
  return String(text)
}
