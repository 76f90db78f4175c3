import { SendError } from '../../connection.ts'

/** What a receiver answered. */
export interface HttpAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** The header Content-Type; empty without one. */
  readonly contentType: string
  readonly body: Buffer
}

/**
 * Errors of a client that the operator can correct while events wait: credentials, addresses, and a
 * time limit of the receiver.
 */
const correctable: ReadonlySet<number> = new Set([401, 403, 404, 407, 408, 429])
/** Errors of a server that stay, unless an API has others. */
const usuallyPermanent: ReadonlySet<number> = new Set([501, 505])

/** What an API says about answers. */
export interface AnswerRules {
  /** Errors of a server, 500 and above, after which a request is sent again; by default most. */
  readonly temporary?: ReadonlySet<number>
  /** Reads an error; undefined: the body is text. */
  reason?(answer: HttpAnswer): string | undefined
}

/**
 * Throws what an answer without success means.
 * @throws SendError
 */
export function checkStatus(answer: HttpAnswer, rules: AnswerRules = {}): void {
  const { status, retryAfter } = answer
  if (status >= 200 && status < 300) return
  const text = (rules.reason?.(answer) ?? answer.body.toString()).trim()
  const message = `HTTP ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 413) throw new SendError('too-large', message)
  const isClients = status >= 400 && status < 500
  const { temporary } = rules
  const stays = temporary === undefined ? usuallyPermanent.has(status) : !temporary.has(status)
  if ((isClients && !correctable.has(status)) || (status >= 500 && stays)) {
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
