import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Allowances } from './allowances.ts'

/** Bytes that are passed on in one turn of the event loop: their work is done before the next. */
const portion = 1024

/**
 * A connection whose client sends no faster than it may: what exceeds its allowance stays unread,
 * so that a flood of any kind of message costs neither time nor memory.
 */
export class MeteredSocket extends Duplex {
  readonly #socket: Socket
  readonly #client: string
  readonly #allowances: Allowances
  #wakeUp: NodeJS.Timeout | NodeJS.Immediate | undefined
  #isWanted = false

  /**
   * @param client whose allowance is used
   * @param allowances of bytes; the burst is at least 1 KiB
   */
  constructor(socket: Socket, client: string, allowances: Allowances) {
    super({ allowHalfOpen: false, readableHighWaterMark: portion })
    this.#socket = socket
    this.#client = client
    this.#allowances = allowances
    socket.on('readable', () => this.#pass())
    socket.on('end', () => this.push(null))
    // A client that is gone is not an error of the server.
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.destroy())
  }

  /** The address of the client. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  override _read(): void {
    this.#isWanted = true
    this.#pass()
  }

  /** Passes on a portion, as soon as the client may. */
  #pass(): void {
    if (!this.#isWanted || this.#wakeUp !== undefined) return
    const size = Math.min(portion, this.#socket.readableLength)
    if (size === 0) {
      // It reads from the system, and reports the end.
      this.#socket.read(0)
      return
    }
    const waitMs = this.#allowances.take(this.#client, size)
    if (waitMs > 0) {
      this.#wakeUp = setTimeout(this.#continue, waitMs)
      return
    }
    this.#wakeUp = setImmediate(this.#continue)
    this.#isWanted = this.push(this.#socket.read(size))
  }

  readonly #continue = (): void => {
    this.#wakeUp = undefined
    this.#pass()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#wakeUp as NodeJS.Timeout)
    clearImmediate(this.#wakeUp as NodeJS.Immediate)
    this.#socket.destroy()
    done(error)
  }
}
