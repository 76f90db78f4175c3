import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { SendError } from '../../../connection.ts'

/** Rounds of the hash that a broker may ask for: below is insecure, above takes seconds. */
const iterations = { min: 4096, max: 1 << 20 }

/** The client's side of SCRAM (RFC 5802), which also proves that the broker knows the password. */
export class Scram {
  readonly #hash: 'sha256' | 'sha512'
  readonly #nonce: string
  readonly #start: string
  readonly #password: string
  #expected: Buffer | undefined

  constructor(
    hash: 'sha256' | 'sha512',
    { user, password }: { readonly user: string; readonly password: string },
    nonce = randomBytes(18).toString('base64'),
  ) {
    this.#hash = hash
    this.#nonce = nonce
    this.#password = password
    this.#start = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  }

  /** The first message. */
  get first(): string {
    return `n,,${this.#start}`
  }

  /** The second message, which answers the challenge. @throws SendError */
  async answer(challenge: string): Promise<string> {
    const { r: nonce = '', s: salt = '', i: rounds = '' } = attributesOf(challenge)
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce || salt === '') {
      throw new SendError('again', 'SCRAM: the challenge of the broker is wrong')
    }
    const count = Number(rounds)
    if (!(Number.isInteger(count) && count >= iterations.min && count <= iterations.max)) {
      throw new SendError('again', `SCRAM: the broker asks for ${Number(rounds)} iterations`)
    }
    const size = createHash(this.#hash).digest().length
    const saltBytes = Buffer.from(salt, 'base64')
    const salted = await promisify(pbkdf2)(this.#password, saltBytes, count, size, this.#hash)
    const clientKey = this.#hmac(salted, 'Client Key')
    const storedKey = createHash(this.#hash).update(clientKey).digest()
    const last = `c=biws,r=${nonce}`
    const text = `${this.#start},${challenge},${last}`
    const signature = this.#hmac(storedKey, text)
    this.#expected = this.#hmac(this.#hmac(salted, 'Server Key'), text)
    const proof = clientKey.map((byte, index) => byte ^ signature[index])
    return `${last},p=${Buffer.from(proof).toString('base64')}`
  }

  /** Checks the last message of the broker. @throws SendError */
  verify(message: string): void {
    const { v = '', e } = attributesOf(message)
    if (e !== undefined) throw new SendError('again', `SCRAM: ${e}`)
    const given = Buffer.from(v, 'base64')
    const expected = this.#expected
    const isRight = expected?.length === given.length && timingSafeEqual(expected, given)
    if (!isRight) throw new SendError('again', 'SCRAM: the broker does not know the password')
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest()
  }
}

function attributesOf(message: string): Readonly<Partial<Record<string, string>>> {
  return Object.fromEntries(message.split(',').map((part) => [part[0], part.slice(2)]))
}
