import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContextOptions } from 'node:tls'
import { SendError } from '../connection.ts'

/** Where a stream leads to. */
export interface StreamAddress {
  readonly host: string
  readonly port: number
  /** Undefined: without TLS. */
  readonly tls?: SecureContextOptions | undefined
}

/** Starts to connect. @returns the socket, and its event when it is connected */
export function startSocket({ host, port, tls }: StreamAddress): {
  readonly socket: Socket
  readonly ready: 'connect' | 'secureConnect'
} {
  if (tls === undefined) return { socket: connectTcp({ host, port }), ready: 'connect' }
  // Servers get no address as a name; the certificate is still checked for it.
  const servername = isIP(host) === 0 ? host : ''
  return { socket: connectTls({ host, port, servername, ...tls }), ready: 'secureConnect' }
}

/** A stream to a receiver that sends nothing back, over TCP or TLS. */
export class Stream {
  readonly #socket: Socket
  #failure: Error | undefined

  /** Connects. @throws the error of the network, or the reason of the signal */
  static async open(address: StreamAddress, signal: AbortSignal): Promise<Stream> {
    signal.throwIfAborted()
    const { socket, ready } = startSocket(address)
    const stream = new Stream(socket)
    await stream.#until(signal, (done) => socket.once(ready, () => done()))
    socket.setNoDelay()
    socket.setKeepAlive(true, 30_000)
    return stream
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () =>
      this.#end(new SendError('again', 'the receiver closed the connection')),
    )
    // A receiver that ends its side reads no more either.
    socket.on('end', () => socket.destroy())
    socket.resume()
  }

  #end(error: Error): void {
    this.#failure ??= error
  }

  /** Whether nothing can be written any more. */
  get isClosed(): boolean {
    return this.#failure !== undefined
  }

  /** Writes bytes; fulfilled when the kernel has them. @throws errors of the network */
  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#until(signal, (done) => {
      this.#socket.write(bytes, (error) => done(error ?? undefined))
    })
  }

  /** Waits; closes the stream if that fails: what the receiver has is unknown then. */
  async #until(
    signal: AbortSignal,
    begin: (done: (error?: Error) => void) => unknown,
  ): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (): void => reject(this.#failure ?? signal.reason)
        if (this.#failure !== undefined || signal.aborted) return fail()
        // After the handler that notes the failure.
        this.#socket.once('close', fail)
        signal.addEventListener('abort', fail, { once: true })
        begin((error) => {
          this.#socket.off('close', fail)
          signal.removeEventListener('abort', fail)
          if (error) reject(error)
          else resolve()
        })
      })
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Closes the stream immediately. */
  close(): void {
    this.#end(new SendError('again', 'the connection is closed'))
    this.#socket.destroy()
  }
}

/** The host of a URL as the system looks it up: IPv6 addresses have no brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
