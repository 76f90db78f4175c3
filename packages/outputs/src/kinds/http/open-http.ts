import type { BatchLimits, Connection, Receipt, Target } from '../../connection.ts'
import { type BatchValues, batchLimits } from '../../network/request-parameters.ts'
import type { TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { encodeFitting } from '../../schemas/encode-fitting.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { type EncodedEvent, encodeEvents, type SchemaHost } from '../../schemas/schema.ts'
import type { HttpFormat } from './formats/format.ts'
import { type FormatName, formats } from './formats/index.ts'
import { HttpRequests } from './http-requests.ts'

/** Values of the parameters. */
interface HttpValues extends TlsValues, BatchValues {
  readonly schema: SchemaName
  readonly format: FormatName
  readonly index: string
  readonly 'hmac-key-file': string
}

/** The data stream of Elasticsearch if the URL names none. */
const defaultIndex: Partial<Readonly<Record<FormatName, string>>> = {
  elasticsearch: 'logs-tetragon-default',
}

/** Opens an output over HTTP. @throws BadValue if a file cannot be read */
export async function openHttp(target: Target<HttpValues>): Promise<Connection> {
  const connection = new HttpConnection(target)
  await connection.requests.prepare()
  return connection
}

class HttpConnection implements Connection {
  readonly batch: BatchLimits
  readonly requests: HttpRequests
  readonly #values: HttpValues
  readonly #host: SchemaHost
  readonly #format: HttpFormat

  constructor({ url, values, nodeName, version }: Target<HttpValues>) {
    this.#values = values
    this.#host = { nodeName, version }
    this.#format = formats[values.format]
    const { path, eventsMax }: HttpFormat = this.#format
    const full = new URL(url.pathname === '/' ? path : url.pathname, url)
    this.requests = new HttpRequests({ url: full, values, version }, this.#format)
    this.batch = batchLimits(values, eventsMax)
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
        const answer = await this.requests.post(body, signal)
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

  close(): void {
    this.requests.close()
  }
}
