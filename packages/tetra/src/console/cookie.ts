import { equalsSecret } from './secret.ts'

/** A cookie of this console, which scripts cannot read and other sites cannot use. */
export class ConsoleCookie {
  readonly #name: string
  readonly #attributes: string

  /**
   * @param name differs between consoles on the same host
   * @param isSecure whether browsers reach the console by TLS
   */
  constructor(name: string, isSecure: boolean) {
    // With the prefix, no other host of the domain can set it.
    this.#name = isSecure ? `__Host-${name}` : name
    this.#attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  }

  /** @returns the value of the header Set-Cookie */
  set(value: string): string {
    return `${this.#name}=${value}; ${this.#attributes}`
  }

  /** @returns the value of the header Set-Cookie that removes it */
  remove(): string {
    return `${this.set('')}; Max-Age=0`
  }

  /** Whether a header Cookie has it with this value. */
  isIn(header: string | undefined, value: string): boolean {
    const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='))
    return pairs.some(([name, each = '']) => name === this.#name && equalsSecret(each, value))
  }
}
