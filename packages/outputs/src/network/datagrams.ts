import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'

/** Sends datagrams to one receiver. Its name is looked up again after an error. */
export class Datagrams {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  /**
   * Sends a datagram; fulfilled when the kernel has it.
   * @throws errors of the network; a receiver that does not listen is reported by a later call
   */
  async send(bytes: Uint8Array): Promise<void> {
    try {
      this.#socket ??= await this.#open()
      const socket = this.#socket
      await new Promise<void>((resolve, reject) => {
        socket.send(bytes, (error) => (error ? reject(error) : resolve()))
      })
    } catch (error) {
      this.close()
      throw error
    }
  }

  async #open(): Promise<Socket> {
    const { address, family } = await lookup(this.#host)
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    // Errors of single datagrams that no call waits for.
    socket.on('error', () => {})
    return new Promise((resolve, reject) => {
      socket.connect(this.#port, address, (error?: Error) => {
        if (error === undefined || error === null) return resolve(socket)
        socket.close()
        reject(error)
      })
    })
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
  }
}
