import type { Socket } from 'node:net'
import { SendError } from '../../../connection.ts'
import { Lifeline } from '../../../network/lifeline.ts'
import { type StreamAddress, startSocket } from '../../../network/stream.ts'

/** Longest response, in bytes: more than the metadata of the largest topics. */
const responseMax = 8 << 20

/** A connection to a broker that carries one request at a time. */
export class BrokerSocket {
  readonly #socket: Socket
  readonly #life = new Lifeline(() => {
    this.#chunks = []
    this.#socket.destroy()
  })
  #chunks: Buffer[] = []
  #received = 0
  #resolve: ((response: Buffer) => void) | undefined

  /** Connects. @throws the error of the network, or the reason of the signal */
  static async open(address: StreamAddress, signal: AbortSignal): Promise<BrokerSocket> {
    signal.throwIfAborted()
    const { socket, ready } = startSocket(address)
    const opened = new BrokerSocket(socket)
    const connected = new Promise<void>((resolve) => socket.once(ready, () => resolve()))
    await opened.#life.orFail(signal, connected)
    return opened
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay()
    socket.setKeepAlive(true, 30_000)
    socket.on('error', (error) => this.#life.end(error))
    socket.on('close', () =>
      this.#life.end(new SendError('again', 'the broker closed the connection')),
    )
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#life.isOver
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
    return this.#life.orFail(signal, response)
  }

  #receive(bytes: Buffer): void {
    if (this.#resolve === undefined) {
      return this.#life.end(new SendError('again', 'the broker sends without a request'))
    }
    this.#chunks.push(bytes)
    this.#received += bytes.length
    if (this.#received < 4) return
    if (this.#chunks[0].length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
    const size = this.#chunks[0].readInt32BE(0)
    if (size < 4 || size > responseMax) {
      const hint = 'the port is one of TLS, or of another protocol'
      return this.#life.end(new SendError('again', `a response of ${size} bytes: ${hint}`))
    }
    if (this.#received < 4 + size) return
    if (this.#received > 4 + size) {
      return this.#life.end(new SendError('again', 'the broker sends more than the response'))
    }
    const resolve = this.#resolve
    const response = Buffer.concat(this.#chunks).subarray(4)
    this.#chunks = []
    this.#received = 0
    this.#resolve = undefined
    resolve(response)
  }

  /** Ends the connection immediately. */
  close(): void {
    this.#life.end(new SendError('again', 'the connection is closed'))
  }
}
