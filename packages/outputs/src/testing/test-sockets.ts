import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Changes } from './changes.ts'

/**
 * Ends a connection without warning. Node.js never finishes one that is reset while it is shut
 * down: after its last test, the process would wait for that with all of a processor.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

/** A TCP server that a test controls. */
export class TestSockets {
  readonly changes = new Changes()
  #server: Server | undefined
  readonly sockets: Socket[] = []
  port = 0
  /** Called for each connection. */
  onSocket: (socket: Socket) => void = () => {}

  /** Listens on a new port, or on the same one again. */
  async listen(): Promise<void> {
    this.#server = createServer((socket) => {
      this.sockets.push(socket)
      socket.on('error', () => {})
      this.onSocket(socket)
      this.changes.note()
    })
    await once(this.#server.listen(this.port, '127.0.0.1'), 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections without warning, and listens no more. */
  async die(): Promise<void> {
    this.sockets.splice(0).forEach(resetSocket)
    const server = this.#server
    this.#server = undefined
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.die()
  }
}

/** Messages of a stream with octet counting (RFC 6587). */
export class OctetCounting {
  readonly messages: string[] = []
  #rest = Buffer.alloc(0)

  add(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (;;) {
      const space = this.#rest.indexOf(0x20)
      if (space < 0) return
      const length = Number(this.#rest.toString('latin1', 0, space))
      if (!Number.isSafeInteger(length)) throw new Error('no length in front of a message')
      const end = space + 1 + length
      if (this.#rest.length < end) return
      this.messages.push(this.#rest.toString('utf8', space + 1, end))
      this.#rest = this.#rest.subarray(end)
    }
  }
}
