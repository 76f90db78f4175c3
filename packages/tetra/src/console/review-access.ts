import type { IncomingMessage } from 'node:http'
import { escapeUnprintable } from '@tetragon-ts/api'
import { type ConsoleAccess, type Decision, type Denied, isApiPath, keyOf } from './access.ts'
import { ConsoleCookie } from './cookie.ts'
import { derive, equalsSecret, newSecret } from './secret.ts'
import { consolePath, type ReviewedUser, type TokenReviews } from './token-reviews.ts'

function denied(status: Denied['status'], text: string, headers?: Denied['headers']): Denied {
  return { kind: 'denied', status, text, ...(headers !== undefined && { headers }) }
}

/**
 * Milliseconds for which a stream continues without an answer of the API server. An API server that
 * is replaced is away for a minute or two; a longer absence must not keep rights that are revoked.
 */
const unconfirmedMaxMs = 300_000
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
  readonly #now: () => number
  readonly #secret = newSecret()
  readonly #cookie: ConsoleCookie

  /**
   * @param isSecure whether browsers reach the console by TLS
   * @param now milliseconds of a clock that only goes forward
   */
  constructor(
    reviews: Pick<TokenReviews, 'review'>,
    isSecure: boolean,
    now = (): number => performance.now(),
  ) {
    this.#reviews = reviews
    this.#now = now
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
    if (user instanceof Error) return denied(503, noAnswer(user))
    if (user === undefined) return denied(401, refusalOf(user), challenge)
    if (!user.mayGet) return denied(403, refusalOf(user))
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
    let confirmedAt = this.#now()
    const whyEnd = async (): Promise<string | undefined> => {
      try {
        const user = await this.#reviews.review(token)
        confirmedAt = this.#now()
        return user?.mayGet === true ? undefined : refusalOf(user)
      } catch (error) {
        const isOver = this.#now() - confirmedAt >= unconfirmedMaxMs
        return isOver ? noAnswer(error as Error) : undefined
      }
    }
    return { kind: 'granted', mayChange, whyEnd }
  }
}

/** Why a user is refused. @param user undefined: the token is not valid */
function refusalOf(user: ReviewedUser | undefined): string {
  if (user === undefined) return 'the API server refuses the token'
  const right = `the verb get on the path ${consolePath}`
  return `the user ${escapeUnprintable(user.name)} needs ${right} in the cluster`
}

function noAnswer({ message }: Error): string {
  return `ask the API server: ${message}`
}

/** The end of a query, in the address that a page with the key has at first. */
const isOpened = /[?&]opened$/

/** The address of a page, so different that browsers load it again. */
function openedAddress(path: string, search: string): string {
  const query = `${search === '' ? '?' : `${search}&`}opened`
  // More slashes would begin the name of another host.
  return `${path.replace(/^\/+/, '/')}${query}`.replaceAll('&', '&amp;')
}
