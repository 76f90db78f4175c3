import { codecOf, declare } from '@tetragon-ts/api'
import { SendError } from '../../connection.ts'

const { any, duration, int32, many, message, string } = declare

// google/rpc/status.proto and error_details.proto
/** The reason of an error. */
export const Status = message('Status', {
  code: int32(1),
  message: string(2),
  details: many(any(3)),
})
const RetryInfo = message('RetryInfo', { retryDelay: duration(1) })
const retryInfoType = 'type.googleapis.com/google.rpc.RetryInfo'

/** google.rpc.Code */
const codes = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND'],
  ...['ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION'],
  ...['ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'],
  'UNAUTHENTICATED',
]

/** Statuses after which OTLP drops a request. */
const permanent: ReadonlySet<string> = new Set([
  ...['UNKNOWN', 'INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION'],
  'INTERNAL',
])

/** The end of an answer. */
export type GrpcTrailers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Throws what the status of an answer means, by the rules of OTLP. Beyond them, errors that the
 * operator can correct while events wait are for another attempt: credentials, and a server without
 * the service.
 * @throws SendError
 */
export function checkGrpcStatus(trailers: GrpcTrailers): void {
  const status = text(trailers['grpc-status'])
  if (status === '0') return
  if (status === '') throw new SendError('again', 'the answer has no status of gRPC')
  const name = codes[Number(status)] ?? status
  const reason = unescapeMessage(text(trailers['grpc-message']))
  const message = `gRPC ${name}${reason === '' ? '' : `: ${reason}`}`
  if (permanent.has(name)) throw new SendError('refused', message)
  const afterMs = retryDelayMs(text(trailers['grpc-status-details-bin']))
  // Also the status of messages above the limit of the server, which never says to try again.
  if (name === 'RESOURCE_EXHAUSTED' && afterMs === undefined) {
    throw new SendError('too-large', message)
  }
  throw new SendError('again', message, afterMs)
}

function text(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

/** Unprintable characters are percent-encoded. */
function unescapeMessage(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}

/** The delay of RetryInfo; undefined without one. @param details base64 */
function retryDelayMs(details: string): number | undefined {
  const info = retryInfoOf(details)
  if (info === undefined) return undefined
  try {
    const { retryDelay = '0s' } = codecOf(RetryInfo).decode(info)
    return Math.max(0, Number(retryDelay.slice(0, -1)) * 1000)
  } catch {
    // The server asks to try again, after a time that is out of range.
    return 0
  }
}

function retryInfoOf(details: string): Buffer | undefined {
  try {
    const status = codecOf(Status).decode(Buffer.from(details, 'base64'))
    const info = status.details?.find((each) => each['@type'] === retryInfoType)
    return info && Buffer.from(String(info.value ?? ''), 'base64')
  } catch {
    return undefined
  }
}
