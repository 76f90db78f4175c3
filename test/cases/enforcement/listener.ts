import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** Listens on a port of this host with TCP and UDP, IPv4 and IPv6, and counts what arrives. */
export class Listener {
  readonly port: number
  readonly #counts: { arrived: number }
  readonly #close: () => void

  static async start(): Promise<Listener> {
    const counts = { arrived: 0 }
    const server = createServer((connection) => {
      counts.arrived++
      connection.on('error', () => {})
      connection.resume()
    })
    // IPv4 too: the socket takes both.
    server.listen({ port: 0, host: '::' })
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const socket = createSocket('udp6', () => void counts.arrived++)
    socket.bind(port, '::')
    await once(socket, 'listening')
    return new Listener(port, counts, () => {
      server.close()
      socket.close()
    })
  }

  private constructor(port: number, counts: { arrived: number }, close: () => void) {
    this.port = port
    this.#counts = counts
    this.#close = close
  }

  /** Number of connections and messages so far. */
  get arrived(): number {
    return this.#counts.arrived
  }

  /** The same after everything has been read that the kernel already has for this process. */
  async allArrived(): Promise<number> {
    for (let rounds = 0, last = -1; rounds < 10; rounds++) {
      if (this.arrived !== last) rounds = 0
      last = this.arrived
      await turn()
    }
    return this.arrived
  }

  close(): void {
    this.#close()
  }
}
