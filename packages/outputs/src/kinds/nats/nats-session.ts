import { randomBytes } from 'node:crypto'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContextOptions } from 'node:tls'
import { SendError } from '../../connection.ts'
import { Lifeline } from '../../network/lifeline.ts'
import type { NatsLogin } from './nats-login.ts'
import { type NatsInfo, type NatsOperation, NatsParser } from './nats-parser.ts'

/** Bytes that may wait for the server while it sends more. */
const unsentMax = 4 << 20
/** Maximum of a message for a server that says nothing, in bytes. */
const usualPayloadMax = 1 << 20
/** A smaller maximum is not accepted: each event that is longer would be refused for ever. */
const payloadMaxMin = 1 << 16

/** Where a session leads to. */
export interface NatsAddress {
  readonly host: string
  readonly port: number
  /** Undefined: without TLS. */
  readonly tls: SecureContextOptions | undefined
  readonly login: NatsLogin
  /** The name of the agent for the server. */
  readonly name: string
  readonly version: string
}

/** A message to publish. */
export interface NatsMessage {
  readonly subject: string
  readonly headers: string
  readonly payload: Buffer
}

/** What came back for a message. */
export interface NatsReply {
  readonly headers: string
  readonly text: string
}

/** A connection to a server of NATS, after the login. */
export class NatsSession {
  readonly #address: NatsAddress
  #socket: Socket
  #parser = new NatsParser()
  readonly #inbox = `_INBOX.${randomBytes(12).toString('base64url')}`
  readonly #waiting = new Map<string, (reply: NatsReply) => void>()
  #number = 0
  readonly #life = new Lifeline(() => this.#socket.destroy())
  #heard: (operation: NatsOperation) => void = () => {}
  #isEncrypted = false
  #maxPayload = usualPayloadMax

  /** Connects and logs in. @throws errors of the network, SendError, or the reason of the signal */
  static async open(address: NatsAddress, signal: AbortSignal): Promise<NatsSession> {
    signal.throwIfAborted()
    const session = new NatsSession(address)
    try {
      await session.#life.orFail(signal, session.#logIn())
      return session
    } catch (error) {
      session.close()
      throw error
    }
  }

  private constructor(address: NatsAddress) {
    this.#address = address
    const { host, port } = address
    this.#socket = connectTcp({ host, port })
    this.#socket.setNoDelay()
    this.#socket.setKeepAlive(true, 30_000)
    this.#listen(this.#socket)
  }

  #listen(socket: Socket): void {
    socket.on('error', (error) => this.#life.end(error))
    socket.on('close', () => {
      if (socket === this.#socket)
        this.#life.end(new SendError('again', 'the server closed the connection'))
    })
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
  }

  /** Maximum size of a message, in bytes, as far as known. */
  get maxPayload(): number {
    return this.#maxPayload
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#life.isOver
  }

  #read(bytes: Buffer): void {
    try {
      for (const operation of this.#parser.add(bytes)) this.#hear(operation)
    } catch (error) {
      this.#life.end(new SendError('again', (error as Error).message))
    }
  }

  #hear(operation: NatsOperation): void {
    if (operation.kind === 'ping') this.#pong()
    else if (operation.kind === 'error') {
      // Even those that leave the connection open: what was published is never answered then.
      const remedy = /^maximum payload/i.test(operation.message) ? 'too-large' : 'again'
      this.#life.end(new SendError(remedy, `NATS: ${operation.message}`))
    } else if (operation.kind === 'info') {
      this.#learn(operation.info)
      this.#heard(operation)
    } else if (operation.kind === 'message') {
      this.#waiting.get(operation.subject)?.(operation)
      this.#waiting.delete(operation.subject)
    } else this.#heard(operation)
  }

  /** What comes before TLS can be of anybody on the way: no event is refused because of it. */
  #learn({ maxPayload }: NatsInfo): void {
    if (this.#address.tls !== undefined && !this.#isEncrypted) return
    this.#maxPayload = maxPayload ?? usualPayloadMax
    if (this.#maxPayload >= payloadMaxMin) return
    const remedy = 'set max_payload of the server to 64K or more'
    this.#life.end(new SendError('again', `messages are limited to ${maxPayload} bytes: ${remedy}`))
  }

  #pong(): void {
    if (this.#socket.writableLength < unsentMax) this.#socket.write('PONG\r\n')
    else this.#life.end(new SendError('again', 'the server sends and does not read'))
  }

  #until(kind: NatsOperation['kind']): Promise<NatsOperation> {
    return new Promise((resolve) => {
      this.#heard = (operation) => {
        if (operation.kind === kind) resolve(operation)
      }
    })
  }

  async #logIn(): Promise<void> {
    const { tls, login, name, version } = this.#address
    const greeting = await this.#until('info')
    if (greeting.kind !== 'info') return
    const { info } = greeting
    if (tls !== undefined) await this.#encrypt(info, tls)
    else if (info.requiresTls) throw new SendError('again', 'the server requires TLS: use nats+tls')
    if (!info.hasHeaders)
      throw new SendError('again', 'the server has no headers: use NATS 2.2 or newer')
    if (!info.hasJetStream) throw new SendError('again', 'the server has no JetStream')
    const fields = {
      ...{ verbose: false, pedantic: false, echo: false, headers: true, no_responders: true },
      ...{ protocol: 1, lang: 'tetragon-ts', version, name, tls_required: tls !== undefined },
      ...login(info.nonce),
    }
    const answered = this.#until('pong')
    this.#socket.write(`CONNECT ${JSON.stringify(fields)}\r\nSUB ${this.#inbox}.* 1\r\nPING\r\n`)
    await answered
  }

  async #encrypt({ offersTls }: NatsInfo, tls: SecureContextOptions): Promise<void> {
    if (!offersTls) throw new SendError('again', 'the server has no TLS')
    // Others could have inserted it on the way.
    if (this.#parser.isMiddle) throw new SendError('again', 'the server sent more before TLS')
    const { host } = this.#address
    const plain = this.#socket
    plain.removeAllListeners('data')
    const socket = connectTls({
      socket: plain,
      servername: isIP(host) === 0 ? host : '',
      host,
      ...tls,
    })
    this.#socket = socket
    this.#isEncrypted = true
    this.#listen(socket)
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()))
  }

  /**
   * Publishes messages; fulfilled when each was answered.
   * @throws errors of the network, SendError, or the reason of the signal
   */
  async publish(messages: readonly NatsMessage[], signal: AbortSignal): Promise<NatsReply[]> {
    const chunks: Buffer[] = []
    const replies = messages.map(({ subject, headers, payload }) => {
      const inbox = `${this.#inbox}.${++this.#number}`
      const head = Buffer.from(`NATS/1.0\r\n${headers}\r\n`)
      const sizes = `${head.length} ${head.length + payload.length}`
      chunks.push(Buffer.from(`HPUB ${subject} ${inbox} ${sizes}\r\n`), head, payload)
      chunks.push(Buffer.from('\r\n'))
      return new Promise<NatsReply>((resolve) => this.#waiting.set(inbox, resolve))
    })
    this.#socket.write(Buffer.concat(chunks))
    return this.#life.orFail(signal, Promise.all(replies))
  }

  /** Ends the session immediately. */
  close(): void {
    this.#life.end(new SendError('again', 'the connection is closed'))
  }
}
