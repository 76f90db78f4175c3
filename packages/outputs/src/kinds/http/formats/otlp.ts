import type { MessageOf } from '@tetragon-ts/api'
import type { ExportLogsResponse } from '../../otlp/log-messages.ts'
import { exportRequest, receiptOf } from '../../otlp/log-records.ts'
import type { HttpFormat } from './format.ts'

/** Logs of OpenTelemetry: OTLP over HTTP, in JSON. */
export const otlp: HttpFormat = {
  contentType: 'application/json',
  path: '/v1/logs',
  tokenScheme: 'Bearer',
  permanent: new Set([500]),
  bodies: (events, { host }) => [JSON.stringify(exportRequest(events, host))],
  read: (body, events) => {
    let response: MessageOf<typeof ExportLogsResponse> = {}
    try {
      response = JSON.parse(body)
    } catch {
      // An answer with status 200 is a success, whatever it contains.
    }
    return receiptOf(response ?? {}, events)
  },
}
