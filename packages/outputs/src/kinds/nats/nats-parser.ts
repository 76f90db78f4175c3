/** Longest line and longest message of a server, in bytes: acknowledgements are short. */
const lineMax = 1 << 16
const messageMax = 1 << 20

/** What a server sends. */
export type NatsOperation =
  | { readonly kind: 'info'; readonly info: NatsInfo }
  | {
      readonly kind: 'message'
      readonly subject: string
      readonly headers: string
      readonly text: string
    }
  | { readonly kind: 'ping' | 'pong' | 'ok' }
  | { readonly kind: 'error'; readonly message: string }

/** What a server says about itself, as far as it matters. */
export interface NatsInfo {
  readonly nonce: string
  readonly maxPayload: number | undefined
  readonly offersTls: boolean
  readonly requiresTls: boolean
  readonly hasHeaders: boolean
  readonly hasJetStream: boolean
}

/** Splits the stream of a server into operations. */
export class NatsParser {
  #rest: Buffer = Buffer.alloc(0)

  /** Whether a part of an operation was read. */
  get isMiddle(): boolean {
    return this.#rest.length > 0
  }

  /** @throws Error if a server does not speak the protocol */
  add(bytes: Buffer): NatsOperation[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const operations: NatsOperation[] = []
    for (let next = this.#next(); next !== undefined; next = this.#next()) operations.push(next)
    return operations
  }

  #next(): NatsOperation | undefined {
    const end = this.#rest.indexOf('\r\n')
    if (end > lineMax || (end < 0 && this.#rest.length > lineMax)) {
      throw new Error('a line of the server is too long')
    }
    if (end < 0) return undefined
    const line = this.#rest.toString('utf8', 0, end)
    const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? []
    const from = end + 2
    switch (name.toUpperCase()) {
      case 'MSG':
        return this.#message(rest, from, 0)
      case 'HMSG':
        return this.#message(rest, from, 1)
      default:
        this.#rest = this.#rest.subarray(from)
        return readLine(name.toUpperCase(), rest)
    }
  }

  /** @param more numbers in front of the size of the message */
  #message(line: string, from: number, more: 0 | 1): NatsOperation | undefined {
    const words = line.split(/\s+/)
    const size = Number(words.at(-1))
    const head = more === 0 ? 0 : Number(words.at(-2))
    const isRight =
      [3 + more, 4 + more].includes(words.length) &&
      [size, head].every(Number.isSafeInteger) &&
      head >= 0 &&
      head <= size
    if (!isRight) throw new Error('the server does not speak NATS')
    if (size > messageMax) throw new Error(`a message of the server has ${size} bytes`)
    const end = from + size
    if (this.#rest.length < end + 2) return undefined
    const headers = this.#rest.toString('utf8', from, from + head)
    const text = this.#rest.toString('utf8', from + head, end)
    this.#rest = this.#rest.subarray(end + 2)
    return { kind: 'message', subject: words[0], headers, text }
  }
}

function readLine(name: string, rest: string): NatsOperation {
  switch (name) {
    case 'INFO':
      return { kind: 'info', info: readInfo(rest) }
    case 'PING':
      return { kind: 'ping' }
    case 'PONG':
      return { kind: 'pong' }
    case '+OK':
      return { kind: 'ok' }
    case '-ERR':
      return { kind: 'error', message: rest.replace(/^'(.*)'$/s, '$1') }
    default:
      throw new Error('the server does not speak NATS')
  }
}

function readInfo(json: string): NatsInfo {
  const info: unknown = JSON.parse(json)
  if (typeof info !== 'object' || info === null) throw new Error('the server does not speak NATS')
  const { nonce, max_payload, tls_available, tls_required, headers, jetstream } = info as Readonly<
    Record<string, unknown>
  >
  return {
    nonce: typeof nonce === 'string' ? nonce : '',
    maxPayload: typeof max_payload === 'number' ? max_payload : undefined,
    offersTls: tls_available === true || tls_required === true,
    requiresTls: tls_required === true,
    hasHeaders: headers === true,
    hasJetStream: jetstream === true,
  }
}
