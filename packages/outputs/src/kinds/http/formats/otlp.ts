import { codecOf, type MessageOf } from '@tetragon-ts/api'
import { Status } from '../../otlp/grpc-status.ts'
import { ExportLogsRequest, ExportLogsResponse } from '../../otlp/log-messages.ts'
import { exportRequest, hasRecord, receiptOf } from '../../otlp/log-records.ts'
import { decodeResponse } from '../../otlp/response.ts'
import type { HttpAnswer } from '../answer.ts'
import type { RequestForm } from '../http-requests.ts'
import type { HttpFormat } from './format.ts'

const protobuf = 'application/x-protobuf'
/** Both forms of OTLP over HTTP. Only these errors of a server are for another attempt. */
const common = { tokenScheme: 'Bearer', temporary: new Set([502, 503, 504]) }
const path = '/v1/logs'

/** Requests of OTLP in protobuf, of any signal. */
export const protobufRequests: RequestForm = {
  ...common,
  contentType: protobuf,
  reason: statusMessage,
}

/** Logs of OpenTelemetry: OTLP over HTTP, in JSON. */
export const otlp: HttpFormat = {
  ...common,
  path,
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
  ...protobufRequests,
  path,
  bodies: (events, { host }) => [codecOf(ExportLogsRequest).encode(exportRequest(events, host))],
  fits: hasRecord,
  read: (body, events) => receiptOf(decodeResponse(ExportLogsResponse, body), events),
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
