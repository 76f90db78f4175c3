import { type ServiceError, status } from '@grpc/grpc-js'
import type { ErrorCodeOf } from '../error-codes.ts'

/** The agent cannot be reached, or returned an error. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: ErrorCodeOf<'ConnectionError'> = 'agent'
  readonly status: status

  /** @param path of the procedure: `/tetragonts.Inspect/GetMaps` */
  constructor(address: string, error: ServiceError, path = '') {
    super(describe(address, error, path), { cause: error })
    this.status = error.code
  }
}

// A status has a code and a text. If the code is too general, the text of grpc-js, of TLS or of
// another server is used.

function describe(address: string, { code, details }: ServiceError, path: string): string {
  // The rest is from the library; the part before is not useful to the user.
  const reason = details
    .replace(/^.*Last error: (?:Error(?: \[\w+\])?: )?/, '')
    .replace(/\. Resolution note: $/, '')
  switch (code) {
    case status.UNAVAILABLE:
      return `connect to ${address}: ${reason}; ${hint(address, reason)}`
    case status.DEADLINE_EXCEEDED:
      return `connect to ${address}: no answer in time; see --timeout`
    case status.CANCELLED:
      return 'the call was cancelled'
    case status.UNIMPLEMENTED:
      return path.startsWith('/tetragonts.') || details.startsWith('unknown service')
        ? `the agent at ${address} has no service ${serviceOf(path)}: it is the original Tetragon, or an older release`
        : details
    default:
      return details === '' ? `the agent returned ${status[code]}` : details
  }
}

/** Where an agent without options listens. */
export const defaultAddress = 'localhost:54321'

function hint(address: string, reason: string): string {
  if (/EACCES|EPERM/.test(reason)) return 'only root and the group of the socket may; try sudo'
  if (/certificate|altname|\bTLS\b|\bSSL\b/i.test(reason)) {
    return 'see --tls-ca-cert-files, --tls-server-name and --tls-cert-file'
  }
  if (address === defaultAddress && /ECONNREFUSED/.test(reason)) {
    return 'no agent runs on this machine: start one ("sudo tetragon"), or choose agents with --server-address or --cluster'
  }
  return 'is the agent running? Set its address with --server-address'
}

/** `tetragonts.Inspect` of `/tetragonts.Inspect/GetMaps`. */
function serviceOf(path: string): string {
  return path.split('/')[1] ?? path
}
