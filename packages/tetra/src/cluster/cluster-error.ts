import { ApiError } from '@tetragon-ts/kubernetes'
import type { ErrorCodeOf } from '../error-codes.ts'

/** The cluster cannot be asked. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ErrorCodeOf<'ClusterError'> = 'cluster'
  /** The API server refused the credentials or the request: the same for all agents. */
  readonly isRefusal: boolean

  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.isRefusal = cause instanceof ApiError && (cause.status === 401 || cause.status === 403)
  }
}

/**
 * The error of a failed request to the API server.
 * @param action such as `list pods`
 * @param rights the verbs and the resource that it needs
 */
export function requestFailed(action: string, url: URL, rights: string, cause: unknown) {
  if (cause instanceof ClusterError) return cause
  const error = cause instanceof Error ? cause : new Error(String(cause))
  return new ClusterError(`${action}: ${reason(error, url, rights)}`, error)
}

function reason(error: Error & { readonly code?: unknown }, url: URL, rights: string): string {
  if (error instanceof ApiError) {
    if (error.status === 401) {
      return `${error.message}; the credentials of the kubeconfig file are not valid (any more)`
    }
    return error.status === 403 ? `${error.message}; you need ${rights}` : error.message
  }
  const code = typeof error.code === 'string' ? error.code : ''
  // Node.js 24 adds advice about its own options to errors of certificates.
  const text = error.message.split('; if the root CA')[0] || code
  return code === '' ? text : `connect to ${url.origin}: ${text}${hint(code)}`
}

/** Remedies by the code of Node.js and OpenSSL. */
function hint(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return "; the server's certificate has to be renewed"
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; see tls-server-name of the cluster'
  if (/SELF_SIGNED|UNABLE_TO|^CERT_/.test(code)) {
    return '; see certificate-authority of the cluster in the kubeconfig file'
  }
  if (/^(ECONN|ENOTFOUND|ETIMEDOUT|EAI_|EHOST|ENET)/.test(code)) {
    return '; is that the right cluster? See --context'
  }
  return ''
}
