import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { codecOf, type MessageOf } from '@tetragon-ts/api'
import type { BatchLimits, Connection, Receipt, Target } from '../../connection.ts'
import {
  batchLimits,
  type RequestValues,
  readAuthorization,
} from '../../network/request-parameters.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { encodeFitting } from '../../schemas/encode-fitting.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { type EncodedEvent, encodeEvents } from '../../schemas/schema.ts'
import { GrpcClient } from './grpc-client.ts'
import { ExportLogsRequest, ExportLogsResponse } from './log-messages.ts'
import { exportRequest, hasRecord, receiptOf } from './log-records.ts'

/** Values of the parameters. */
interface OtlpValues extends TlsValues, RequestValues {
  readonly schema: SchemaName
  /** Of all outputs, in milliseconds. */
  readonly timeout?: number
}

const usualPort = '4317'
const method = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
const compress = promisify(gzip)

/** Opens an output to a collector of OpenTelemetry. @throws BadValue if a file cannot be read */
export async function openOtlp(target: Target<OtlpValues>): Promise<Connection> {
  const connection = new OtlpConnection(target)
  await connection.prepare()
  return connection
}

/** A connection with what the files of parameters said when it was made. */
interface Opened {
  readonly client: GrpcClient
  readonly metadata: Readonly<Record<string, string>>
}

class OtlpConnection implements Connection {
  readonly batch: BatchLimits
  readonly #target: Target<OtlpValues>
  #open: Opened | undefined

  constructor(target: Target<OtlpValues>) {
    this.#target = target
    this.batch = batchLimits(target.values)
  }

  /** Reads the files, which may be new ones. @throws BadValue */
  async prepare(): Promise<Opened> {
    const { url, values, version } = this.#target
    const tls = url.protocol === 'otlp+tls:' ? await readTlsFiles(values) : undefined
    const authorization = await readAuthorization(values, 'Bearer')
    const headers = values.header.map(([name, value]) => [name.toLowerCase(), value] as const)
    const metadata = {
      'user-agent': `tetragon/${version}`,
      ...(values.timeout === undefined ? {} : { 'grpc-timeout': `${values.timeout}m` }),
      ...Object.fromEntries(headers),
      ...(authorization === undefined ? {} : { authorization }),
    }
    const address = `${url.hostname}:${url.port || usualPort}`
    this.#open = { client: new GrpcClient(address, tls), metadata }
    return this.#open
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { values } = this.#target
    const { encoded, wrong } = encodeEvents(events, schemas[values.schema], this.#target)
    const request = (kept: readonly EncodedEvent[]): Uint8Array =>
      codecOf(ExportLogsRequest).encode(exportRequest(kept, this.#target))
    const { kept, unfit, form } = encodeFitting(encoded, request, hasRecord)
    const receipt = form === undefined ? {} : receiptOf(await this.#export(form, signal), kept)
    wrong.push(...unfit.map(({ queued }) => queued))
    if (wrong.length === 0) return receipt
    const { refused } = receipt
    const all = [...(refused?.events ?? []), ...wrong]
    return { refused: { events: all, reason: refused?.reason ?? 'not an event' } }
  }

  async #export(
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<MessageOf<typeof ExportLogsResponse>> {
    const isCompressed = this.#target.values.gzip
    const message = { bytes: isCompressed ? await compress(body) : body, isCompressed }
    let answer: Uint8Array
    try {
      const { client, metadata } = this.#open ?? (await this.prepare())
      answer = await client.call(method, message, metadata, signal)
    } catch (error) {
      // The next attempt reads the files again.
      this.close()
      throw error
    }
    try {
      return codecOf(ExportLogsResponse).decode(answer)
    } catch {
      // The status is a success, whatever the answer contains.
      return {}
    }
  }

  close(): void {
    this.#open?.client.close()
    this.#open = undefined
  }
}
