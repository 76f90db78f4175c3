import type { IncomingMessage } from 'node:http'
import type { Refusal } from './guard.ts'

/** Header with the key, in requests of the page's scripts. */
export const keyHeader = 'x-console-key'

/** A request may be answered. */
export interface Granted {
  readonly kind: 'granted'
  /** Whether its user may change policies, if the console may. */
  readonly mayChange: boolean
  /** Why a response that takes long must end, for the user; undefined: it may continue. */
  whyEnd(): Promise<string | undefined>
}

/** The answer is a page that leads to an address of the console; the page gets its key there. */
export interface Opening {
  readonly kind: 'opening'
  /** Value of the header Set-Cookie. */
  readonly cookie: string | undefined
  /** Path, query and fragment, without characters that HTML needs escapes for. */
  readonly next: string
}

/** A request is not answered. */
export interface Denied extends Refusal {
  readonly kind: 'denied'
  /** More headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What happens to a request. */
export type Decision = Granted | Opening | Denied

/**
 * Decides who may use the console.
 *
 * Browsers add cookies, and proxies add tokens, to requests that pages of other sites have made. So
 * requests of the page's scripts need a key, which only the page's own origin can read.
 */
export interface ConsoleAccess {
  /** @param url of the request */
  decide(request: Pick<IncomingMessage, 'method' | 'headers'>, url: URL): Promise<Decision>
}

/** Access, and the address of the console to print. */
export interface PrintedAccess {
  readonly access: ConsoleAccess
  readonly address: string
}

/** Whether a request is one of the page's scripts. */
export function isApiPath(path: string): boolean {
  return path.startsWith('/api/')
}

/** The key of a request; empty: none. */
export function keyOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const value = headers[keyHeader]
  return typeof value === 'string' ? value : ''
}
