import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Random bytes of a secret. */
const secretSize = 32

/** Header with the key, in requests of the page's scripts. */
export const keyHeader = 'x-console-key'

/**
 * Who may use the console: the first browser that brings the token of the printed address gets a
 * cookie and a key, and the token is void. An address that is read later, in a history or a log, is
 * useless.
 *
 * Browsers send the cookie to all ports of the host, also to servers of other users. So what the
 * page asks for needs the key as well, which the page keeps where only its own origin can read it.
 */
export class ConsoleAccess {
  /** For the address; void after the first use. */
  readonly token = newSecret()
  readonly key = newSecret()
  /** Name of the cookie: consoles on the same host do not replace each other's. */
  readonly cookieName = `tetra-console-${randomBytes(4).toString('hex')}`
  readonly #cookie = newSecret()
  #isOpen = true

  /** @returns the value of the header Set-Cookie; undefined if the token is wrong or void */
  redeem(token: string): string | undefined {
    if (!this.#isOpen || !equals(token, this.token)) return undefined
    this.#isOpen = false
    return `${this.cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`
  }

  /** Whether a request with this key may be answered, if its cookie is right. */
  hasKey(header: string | readonly string[] | undefined): boolean {
    return typeof header === 'string' && equals(header, this.key)
  }

  /** Whether a request with this header Cookie may be answered. */
  permits(header: string | undefined): boolean {
    const values = (header ?? '').split(';').map((pair) => pair.trim().split('='))
    return values.some(([name, value = '']) => {
      return name === this.cookieName && equals(value, this.#cookie)
    })
  }
}

function newSecret(): string {
  return randomBytes(secretSize).toString('base64url')
}

/** Takes the same time for all texts. */
function equals(text: string, secret: string): boolean {
  const [a, b] = [text, secret].map((each) => createHash('sha256').update(each).digest())
  return timingSafeEqual(a, b)
}
