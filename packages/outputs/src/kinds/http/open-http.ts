import { createHmac } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { BatchLimits, Connection, Receipt, Target } from '../../connection.ts'
import {
  batchLimits,
  type RequestValues,
  readAuthorization,
  readSecret,
} from '../../network/request-parameters.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { encodeFitting } from '../../schemas/encode-fitting.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { type EncodedEvent, encodeEvents, type SchemaHost } from '../../schemas/schema.ts'
import { checkStatus, type HttpAnswer } from './answer.ts'
import type { HttpFormat } from './formats/format.ts'
import { type FormatName, formats } from './formats/index.ts'
import { HttpClient } from './post.ts'

/** Values of the parameters. */
interface HttpValues extends TlsValues, RequestValues {
  readonly schema: SchemaName
  readonly format: FormatName
  readonly index: string
  readonly 'hmac-key-file': string
}

/** The data stream of Elasticsearch if the URL names none. */
const defaultIndex: Partial<Readonly<Record<FormatName, string>>> = {
  elasticsearch: 'logs-tetragon-default',
}

const compress = promisify(gzip)

/** Opens an output over HTTP. @throws BadValue if a file cannot be read */
export async function openHttp(target: Target<HttpValues>): Promise<Connection> {
  const connection = new HttpConnection(target)
  await connection.prepare()
  return connection
}

/** What files of parameters say. */
interface Secrets {
  readonly authorization: string | undefined
  readonly hmacKey: Buffer | undefined
}

class HttpConnection implements Connection {
  readonly batch: BatchLimits
  readonly #values: HttpValues
  readonly #host: SchemaHost
  readonly #format: HttpFormat
  readonly #url: URL
  #open: { readonly client: HttpClient; readonly secrets: Secrets } | undefined

  constructor({ url, values, nodeName, version }: Target<HttpValues>) {
    this.#values = values
    this.#host = { nodeName, version }
    this.#format = formats[values.format]
    this.#url = new URL(url.pathname === '/' ? this.#format.path : url.pathname, url)
    const { eventsMax }: HttpFormat = this.#format
    this.batch = batchLimits(values, eventsMax)
  }

  /** Reads the files, which may be new ones. @throws BadValue */
  async prepare(): Promise<{ readonly client: HttpClient; readonly secrets: Secrets }> {
    const isTls = this.#url.protocol === 'https:'
    const tls = isTls ? await readTlsFiles(this.#values) : undefined
    const secrets = await readSecrets(this.#values, this.#format.tokenScheme)
    this.#open = { client: new HttpClient(this.#url, tls), secrets }
    return this.#open
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { encoded, wrong } = encodeEvents(events, schemas[this.#values.schema], this.#host)
    const index = this.#values.index || (defaultIndex[this.#values.format] ?? '')
    const context = { index, host: this.#host }
    const bodies = (events: readonly EncodedEvent[]) => this.#format.bodies(events, context)
    const fits = (event: EncodedEvent) => this.#format.fits?.(event) ?? true
    const { kept, unfit, form } = encodeFitting(encoded, bodies, fits)
    wrong.push(...unfit.map(({ queued }) => queued))
    let receipt: Receipt = {}
    try {
      for (const body of form ?? []) {
        const answer = await this.#post(body, signal)
        checkStatus(answer, this.#format)
        receipt = this.#format.read?.(answer.body, kept) ?? {}
      }
    } catch (error) {
      // The next attempt reads the files again.
      this.close()
      throw error
    }
    if (wrong.length === 0) return receipt
    const { refused } = receipt
    const all = [...(refused?.events ?? []), ...wrong]
    return { ...receipt, refused: { events: all, reason: refused?.reason ?? 'not an event' } }
  }

  async #post(content: string | Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    const { client, secrets } = this.#open ?? (await this.prepare())
    const plain = Buffer.from(content)
    const body = this.#values.gzip ? await compress(plain) : plain
    const headers: Record<string, string> = {
      'Content-Type': this.#format.contentType,
      'User-Agent': `tetragon/${this.#host.version}`,
      ...Object.fromEntries(this.#values.header),
    }
    if (this.#values.gzip) headers['Content-Encoding'] = 'gzip'
    if (secrets.authorization !== undefined) headers.Authorization = secrets.authorization
    if (secrets.hmacKey !== undefined) {
      const signature = createHmac('sha256', secrets.hmacKey).update(body).digest('hex')
      headers['X-Signature-256'] = `sha256=${signature}`
    }
    return client.post(body, headers, signal)
  }

  close(): void {
    this.#open?.client.close()
    this.#open = undefined
  }
}

/** @throws BadValue */
async function readSecrets(values: HttpValues, tokenScheme: string): Promise<Secrets> {
  return {
    authorization: await readAuthorization(values, tokenScheme),
    hmacKey: await readSecret(values['hmac-key-file']),
  }
}
