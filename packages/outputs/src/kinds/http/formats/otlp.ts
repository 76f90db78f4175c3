import { codecOf, type MessageOf } from '@tetragon-ts/api'
import { Status } from '../../otlp/grpc-status.ts'
import { ExportLogsRequest, ExportLogsResponse } from '../../otlp/log-messages.ts'
import { exportRequest, hasRecord, receiptOf } from '../../otlp/log-records.ts'
import type { HttpAnswer } from '../answer.ts'
import type { HttpFormat } from './format.ts'

/** Both forms of OTLP over HTTP. Only these errors of a server are for another attempt. */
const common = { path: '/v1/logs', tokenScheme: 'Bearer', temporary: new Set([502, 503, 504]) }
const protobuf = 'application/x-protobuf'

/** Logs of OpenTelemetry: OTLP over HTTP, in JSON. */
export const otlp: HttpFormat = {
  ...common,
  contentType: 'application/json',
  bodies: (events, { host }) => [JSON.stringify(exportRequest(events, host))],
  read: (body, events) => {
    let response: MessageOf<typeof ExportLogsResponse> = {}
    try {
      response = JSON.parse(body.toString())
    } catch {
      // An answer with status 200 is a success, whatever it contains.
    }
    return receiptOf(response ?? {}, events)
  },
}

/** The same in protobuf: smaller, and the form that every collector has. */
export const otlpProtobuf: HttpFormat = {
  ...common,
  contentType: protobuf,
  bodies: (events, { host }) => [codecOf(ExportLogsRequest).encode(exportRequest(events, host))],
  fits: hasRecord,
  read: (body, events) => receiptOf(decodeResponse(body), events),
  reason: statusMessage,
}

function decodeResponse(body: Buffer): MessageOf<typeof ExportLogsResponse> {
  try {
    return codecOf(ExportLogsResponse).decode(body)
  } catch {
    return {}
  }
}

/** An error has a `google.rpc.Status` as its body; proxies answer with text. */
export function statusMessage({ contentType, body }: HttpAnswer): string | undefined {
  if (!contentType.startsWith(protobuf)) return undefined
  try {
    return codecOf(Status).decode(body).message ?? ''
  } catch {
    return ''
  }
}
