import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  type ConsoleAccess,
  type Decision,
  isApiPath,
  keyOf,
  type PrintedAccess,
} from './access.ts'
import { ConsoleCookie } from './cookie.ts'
import { equalsSecret, newSecret } from './secret.ts'

const granted: Decision = { kind: 'granted', mayChange: true, whyEnd: async () => undefined }

function denied(text: string): Decision {
  return { kind: 'denied', status: 403, text }
}

/**
 * Access for one browser: the first one that brings the token of the printed address gets a cookie
 * and a key, and the token is void. An address that is read later, in a history or a log, is
 * useless.
 *
 * Browsers send the cookie to all ports of the host, also to servers of other users. So requests of
 * the page's scripts need the key, too.
 */
export class TokenAccess implements ConsoleAccess {
  /** For the address; void after the first use. */
  readonly token = newSecret()
  readonly #key = newSecret()
  readonly #cookie: ConsoleCookie
  readonly #cookieValue = newSecret()
  #isOpen = true

  /** @param isSecure whether browsers reach the console by TLS */
  constructor(isSecure: boolean) {
    this.#cookie = new ConsoleCookie(`tetra-console-${randomBytes(4).toString('hex')}`, isSecure)
  }

  async decide(
    request: Pick<IncomingMessage, 'method' | 'headers'>,
    { pathname, searchParams }: URL,
  ): Promise<Decision> {
    const hasCookie = this.#cookie.isIn(request.headers.cookie, this.#cookieValue)
    const token = searchParams.get('token')
    if (token !== null && request.method === 'GET' && pathname === '/') {
      return this.#redeem(token, hasCookie)
    }
    if (!hasCookie) return denied('open the address that tetra console has printed')
    if (isApiPath(pathname) && !equalsSecret(keyOf(request), this.#key)) {
      return denied('only the page of the console may ask for this')
    }
    return granted
  }

  #redeem(token: string, hasCookie: boolean): Decision {
    if (this.#isOpen && equalsSecret(token, this.token)) {
      this.#isOpen = false
      const cookie = this.#cookie.set(this.#cookieValue)
      return { kind: 'opening', cookie, next: `/#key=${this.#key}` }
    }
    if (hasCookie) return { kind: 'opening', cookie: undefined, next: '/' }
    return denied('this address was used before: start tetra console again')
  }
}

/** Access for one browser at an origin, and the address that works once. */
export function oneBrowser(origin: URL): PrintedAccess {
  const access = new TokenAccess(origin.protocol === 'https:')
  return { access, address: `${origin}?token=${access.token}` }
}
