import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

const hashes: Readonly<Record<string, string>> = {
  'SCRAM-SHA-256': 'sha256',
  'SCRAM-SHA-512': 'sha512',
}

/** The broker's side of the mechanisms of SASL. */
export class SaslServer {
  readonly #mechanism: string
  readonly #password: string
  #text = ''
  iterations = '4096'
  /** What a broker without the password would send. */
  proof: string | undefined

  constructor(mechanism: string, password: string) {
    this.#mechanism = mechanism
    this.#password = password
  }

  /** Answers a message of the client; undefined: the login is wrong. */
  answer(message: string): string | undefined {
    if (this.#mechanism === 'PLAIN')
      return message === `\0agent\0${this.#password}` ? '' : undefined
    if (message.startsWith('n,,')) {
      const first = message.slice(3)
      const nonce = `${/r=(.*)/.exec(first)?.[1]}server`
      const challenge = `r=${nonce},s=${Buffer.from('salt').toString('base64')},i=${this.iterations}`
      this.#text = `${first},${challenge}`
      return challenge
    }
    const [, last, proof] = /^(.*),p=(.*)$/.exec(message) ?? []
    const hash = hashes[this.#mechanism]
    const size = createHash(hash).digest().length
    const salted = pbkdf2Sync(this.#password, 'salt', Number(this.iterations), size, hash)
    const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
    const text = `${this.#text},${last}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash(hash).update(clientKey).digest(), text)
    const expected = clientKey.map((byte, index) => byte ^ signature[index])
    if (!timingSafeEqual(expected, Buffer.from(proof, 'base64'))) return undefined
    return this.proof ?? `v=${hmac(hmac(salted, 'Server Key'), text).toString('base64')}`
  }
}
