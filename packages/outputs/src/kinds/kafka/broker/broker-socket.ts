import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { SendError } from '../../../connection.ts'
import type { StreamAddress } from '../../../network/stream.ts'

/** Longest response, in bytes: more than the metadata of the largest topics. */
const responseMax = 8 << 20

/** A connection to a broker that carries one request at a time. */
export class BrokerSocket {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  #received = 0
  #failure: Error | undefined
  #resolve: ((response: Buffer) => void) | undefined
  #fail: (error: Error) => void = () => {}

  /** Connects. @throws the error of the network, or the reason of the signal */
  static async open(address: StreamAddress, signal: AbortSignal): Promise<BrokerSocket> {
    signal.throwIfAborted()
    const { host, port, tls } = address
    const socket =
      tls === undefined
        ? connectTcp({ host, port })
        : connectTls({ host, port, servername: isIP(host) === 0 ? host : '', ...tls })
    const opened = new BrokerSocket(socket)
    const name = tls === undefined ? 'connect' : 'secureConnect'
    await opened.#orFail(signal, new Promise<void>((resolve) => socket.once(name, () => resolve())))
    return opened
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay()
    socket.setKeepAlive(true, 30_000)
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new SendError('again', 'the broker closed the connection')))
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#failure !== undefined
  }

  /**
   * Sends a request; fulfilled with the response. The connection ends if that fails, since
   * whether the broker has the request is unknown then.
   */
  exchange(request: Buffer, signal: AbortSignal): Promise<Buffer> {
    const response = new Promise<Buffer>((resolve) => {
      this.#resolve = resolve
    })
    const size = Buffer.alloc(4)
    size.writeInt32BE(request.length)
    this.#socket.cork()
    this.#socket.write(size)
    this.#socket.write(request)
    this.#socket.uncork()
    return this.#orFail(signal, response)
  }

  #receive(bytes: Buffer): void {
    if (this.#resolve === undefined) {
      return this.#end(new SendError('again', 'the broker sends without a request'))
    }
    this.#chunks.push(bytes)
    this.#received += bytes.length
    if (this.#received < 4) return
    if (this.#chunks[0].length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
    const size = this.#chunks[0].readInt32BE(0)
    if (size < 4 || size > responseMax) {
      const hint = 'the port is one of TLS, or of another protocol'
      return this.#end(new SendError('again', `a response of ${size} bytes: ${hint}`))
    }
    if (this.#received < 4 + size) return
    if (this.#received > 4 + size) {
      return this.#end(new SendError('again', 'the broker sends more than the response'))
    }
    const resolve = this.#resolve
    const response = Buffer.concat(this.#chunks).subarray(4)
    this.#chunks = []
    this.#received = 0
    this.#resolve = undefined
    resolve(response)
  }

  #end(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#chunks = []
    this.#socket.destroy()
    this.#fail(error)
  }

  async #orFail<T>(signal: AbortSignal, action: Promise<T>): Promise<T> {
    const abort = (): void => this.#end(signal.reason)
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    if (this.#failure !== undefined) this.#fail(this.#failure)
    try {
      return await Promise.race([action, failed])
    } finally {
      signal.removeEventListener('abort', abort)
      this.#fail = () => {}
    }
  }

  /** Ends the connection immediately. */
  close(): void {
    this.#end(new SendError('again', 'the connection is closed'))
  }
}
