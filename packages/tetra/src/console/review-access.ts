import type { IncomingMessage } from 'node:http'
import { escapeUnprintable } from '@tetragon-ts/api'
import { type ConsoleAccess, type Decision, type Denied, isApiPath, keyOf } from './access.ts'
import { ConsoleCookie } from './cookie.ts'
import { derive, equalsSecret, newSecret } from './secret.ts'
import { consolePath, type TokenReviews } from './token-reviews.ts'

function denied(status: Denied['status'], text: string, headers?: Denied['headers']): Denied {
  return { kind: 'denied', status, text, ...(headers !== undefined && { headers }) }
}

/** Asks for a token (RFC 6750). */
const challenge = { 'WWW-Authenticate': 'Bearer realm="tetragon"' }

/**
 * Access for all users of a cluster with the right to see the console: each request has a token of
 * the cluster, which a proxy in front of the console adds.
 *
 * The proxy adds the token to requests of other sites' pages, too: the token does not protect from
 * them, but the key does. It is derived from the user and from a secret of this process: nothing is
 * kept for each browser, and the key of one user is of no use to another one.
 */
export class ReviewAccess implements ConsoleAccess {
  readonly #reviews: Pick<TokenReviews, 'review'>
  readonly #secret = newSecret()
  readonly #cookie: ConsoleCookie

  /** @param isSecure whether browsers reach the console by TLS */
  constructor(reviews: Pick<TokenReviews, 'review'>, isSecure: boolean) {
    this.#reviews = reviews
    this.#cookie = new ConsoleCookie('tetra-console', isSecure)
  }

  async decide(
    request: Pick<IncomingMessage, 'method' | 'headers'>,
    { pathname, search }: URL,
  ): Promise<Decision> {
    const [, token] = /^Bearer ([\w~+/.=-]+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (token === undefined) {
      return denied(401, 'the proxy of the console must add a header Authorization', challenge)
    }
    const user = await this.#reviews.review(token).catch((error: Error) => error)
    if (user instanceof Error) return denied(503, `ask the API server: ${user.message}`)
    if (user === undefined) return denied(401, 'the API server refuses the token', challenge)
    if (!user.mayGet) {
      const right = `the verb get on the path ${consolePath}`
      return denied(403, `the user ${escapeUnprintable(user.name)} needs ${right} in the cluster`)
    }
    const [key, value] = [derive(this.#secret, 'key', user.name), this.#cookieOf(user.name)]
    const isOpen = this.#cookie.isIn(request.headers.cookie, value)
    if (isApiPath(pathname)) {
      if (isOpen && equalsSecret(keyOf(request), key)) return this.#grant(token, user.mayUpdate)
      // The page that is loaded then gets a new key.
      const headers = isOpen ? { 'Set-Cookie': this.#cookie.remove() } : undefined
      return denied(403, 'load the page of the console again', headers)
    }
    if (isOpen || pathname.includes('.')) return this.#grant(token, user.mayUpdate)
    if (isOpened.test(search)) return denied(403, 'allow cookies, and open the console again')
    const cookie = this.#cookie.set(value)
    return { kind: 'opening', cookie, next: `${openedAddress(pathname, search)}#key=${key}` }
  }

  #cookieOf(user: string): string {
    return derive(this.#secret, 'cookie', user)
  }

  #grant(token: string, mayChange: boolean): Decision {
    const stillHolds = async (): Promise<boolean> => {
      // An API server that does not answer ends no stream: the next request fails.
      const user = await this.#reviews.review(token).catch(() => ({ mayGet: true }))
      return user?.mayGet === true
    }
    return { kind: 'granted', mayChange, stillHolds }
  }
}

/** The end of a query, in the address that a page with the key has at first. */
const isOpened = /[?&]opened$/

/** The address of a page, so different that browsers load it again. */
function openedAddress(path: string, search: string): string {
  const query = `${search === '' ? '?' : `${search}&`}opened`
  // More slashes would begin the name of another host.
  return `${path.replace(/^\/+/, '/')}${query}`.replaceAll('&', '&amp;')
}
