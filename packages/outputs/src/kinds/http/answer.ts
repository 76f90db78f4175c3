import { SendError } from '../../connection.ts'

/** What a receiver answered. */
export interface HttpAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

/**
 * Errors of a client that the operator can correct while events wait: credentials, addresses, and a
 * time limit of the receiver.
 */
const correctable: ReadonlySet<number> = new Set([401, 403, 404, 407, 408, 429])
/** Errors of a server that stay. */
const alwaysPermanent: ReadonlySet<number> = new Set([501, 505])

/**
 * Throws what an answer without success means.
 * @param permanent statuses that are not for another attempt either
 * @throws SendError
 */
export function checkStatus(
  { status, retryAfter, body }: HttpAnswer,
  permanent: ReadonlySet<number> = new Set(),
): void {
  if (status >= 200 && status < 300) return
  const text = body.trim()
  const message = `HTTP ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 413) throw new SendError('too-large', message)
  const isClients = status >= 400 && status < 500
  const isServers = alwaysPermanent.has(status) || permanent.has(status)
  if ((isClients && !correctable.has(status)) || isServers) {
    throw new SendError('refused', message)
  }
  throw new SendError('again', message, retryAfterMs(retryAfter))
}

/** The header Retry-After in milliseconds: a number of seconds, or a date. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number {
  if (value === undefined) return 0
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
