import { codecOf } from '@tetragon-ts/api'
import type { BatchLimits, Connection, Receipt, Target } from '../../connection.ts'
import { type BatchValues, batchLimits } from '../../network/request-parameters.ts'
import type { TlsValues } from '../../network/tls-parameters.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { encodeFitting } from '../../schemas/encode-fitting.ts'
import { type SchemaName, schemas } from '../../schemas/index.ts'
import { type EncodedEvent, encodeEvents } from '../../schemas/schema.ts'
import { ExportLogsRequest, ExportLogsResponse } from './log-messages.ts'
import { exportRequest, hasRecord, receiptOf } from './log-records.ts'
import { OtlpCalls } from './otlp-calls.ts'
import { decodeResponse } from './response.ts'

/** Values of the parameters. */
interface OtlpValues extends TlsValues, BatchValues {
  readonly schema: SchemaName
  /** Of all outputs, in milliseconds. */
  readonly timeout?: number
}

/** Opens an output to a collector of OpenTelemetry. @throws BadValue if a file cannot be read */
export async function openOtlp(target: Target<OtlpValues>): Promise<Connection> {
  const connection = new OtlpConnection(target)
  await connection.calls.prepare()
  return connection
}

class OtlpConnection implements Connection {
  readonly batch: BatchLimits
  readonly calls: OtlpCalls
  readonly #target: Target<OtlpValues>

  constructor(target: Target<OtlpValues>) {
    this.#target = target
    this.batch = batchLimits(target.values)
    this.calls = new OtlpCalls(target, 'logs.v1.LogsService')
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    const { values } = this.#target
    const { encoded, wrong } = encodeEvents(events, schemas[values.schema], this.#target)
    const request = (kept: readonly EncodedEvent[]): Uint8Array =>
      codecOf(ExportLogsRequest).encode(exportRequest(kept, this.#target))
    const { kept, unfit, form } = encodeFitting(encoded, request, hasRecord)
    let receipt: Receipt = {}
    if (form !== undefined) {
      const answer = await this.calls.send(form, signal)
      receipt = receiptOf(decodeResponse(ExportLogsResponse, answer), kept)
    }
    wrong.push(...unfit.map(({ queued }) => queued))
    if (wrong.length === 0) return receipt
    const { refused } = receipt
    const all = [...(refused?.events ?? []), ...wrong]
    return { refused: { events: all, reason: refused?.reason ?? 'not an event' } }
  }

  close(): void {
    this.calls.close()
  }
}
