import type { Server, Socket } from 'node:net'

/**
 * The connections of a server, from their start. `closeAllConnections` of an HTTPS server leaves
 * those whose client has not finished the TLS handshake: each would keep the process alive.
 */
export class OpenConnections {
  readonly #server: Server
  readonly #open = new Set<Socket>()

  /** @param server that has no connections yet */
  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
  }

  /** Closes the server and all connections, whatever their clients do. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#open) socket.destroy()
    await closed
  }
}
