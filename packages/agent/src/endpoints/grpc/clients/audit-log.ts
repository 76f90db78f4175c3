import { createHash } from 'node:crypto'
import type { Log } from '../../../log/log.ts'
import { type Client, describeClient } from './client.ts'

/** Refusals that are logged, as any client can cause them. */
const refusals = { burst: 10, perSecond: 0.2 }
/** Values of requests are cut to this number of characters. */
const longestValue = 256

/** What became of a call. */
export type Outcome =
  | { readonly result: 'done' }
  | { readonly result: 'failed' | 'refused'; readonly reason: string }

/** Logs each change with its client. Clients may change the log level, so it does not apply. */
export class AuditLog {
  readonly #log: Log
  readonly #now: () => number
  readonly #subjects = new WeakMap<object, object>()
  #tokens = refusals.burst
  #refilled: number
  /** Refusals without a line. */
  #omitted = 0

  /** @param now milliseconds of a monotonic clock */
  constructor(log: Log, now = () => performance.now()) {
    this.#log = log
    this.#now = now
    this.#refilled = now()
  }

  /** Notes what the text of a request turned out to be about. */
  note(request: object, subject: object): void {
    this.#subjects.set(request, subject)
  }

  /** A call that may change the agent has ended. */
  changed(client: Client, call: string, request: object, outcome: Outcome): void {
    const subject = this.#subjects.get(request) ?? {}
    this.#write(client, call, { ...fieldsOf(request), ...subject }, outcome)
  }

  /** A client lacks the right for a call. */
  refused(client: Client, call: string, request: object, reason: string): void {
    const now = this.#now()
    const refill = ((now - this.#refilled) * refusals.perSecond) / 1000
    this.#tokens = Math.min(refusals.burst, this.#tokens + refill)
    this.#refilled = now
    if (this.#tokens < 1) {
      this.#omitted++
      return
    }
    this.#tokens--
    const omitted = this.#omitted === 0 ? {} : { refusals_omitted: this.#omitted }
    this.#omitted = 0
    this.#write(client, call, { ...fieldsOf(request), ...omitted }, { result: 'refused', reason })
  }

  #write(client: Client, call: string, fields: object, outcome: Outcome): void {
    const { result } = outcome
    const reason = result === 'done' ? {} : { reason: cut(outcome.reason) }
    const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    const end = result === 'done' ? '' : `: ${JSON.stringify(reason.reason)}`
    const message = ['audit:', call, ...words, 'by', describeClient(client), result].join(' ')
    this.#log.audit(`${message}${end}`, { call, ...fields, client, result, ...reason })
  }
}

/** The plain values of a request; texts of policies and rules by their hash. */
function fieldsOf(request: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(request)) {
    if (name === 'yaml' || name === 'text') fields.sha256 = sha256(String(value))
    else if (typeof value === 'string' && value !== '') fields[name] = cut(value)
    else if (typeof value === 'number' || typeof value === 'boolean') fields[name] = value
  }
  return fields
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function cut(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}
