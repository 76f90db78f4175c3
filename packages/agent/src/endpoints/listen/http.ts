import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limitConnections } from '@tetragon-ts/service/connections'
import { clientAddress, grpcAddress, type ListenAddress } from '@tetragon-ts/service/listen'
import { AgentError } from '../../error.ts'
import { listenAt } from './listen-at.ts'
import { placeSocket } from './unix-socket.ts'

/** Scrapers need a few; each connection may wait for a response. */
const connections = { total: 32, perClient: 16, opens: { perSecond: 32, burst: 128 } }

/** An HTTP server at an address: TCP, all addresses without a host, or a Unix socket. */
export class HttpListener {
  readonly #server: Server
  readonly #asked: ListenAddress
  readonly #remove: () => void

  /**
   * @param action for errors, such as `serve metrics`
   * @throws AgentError AGENT_SERVER
   */
  static async start(
    server: Server,
    address: ListenAddress,
    action: string,
  ): Promise<HttpListener> {
    let remove = (): void => {}
    limitConnections(server, connections)
    try {
      if (address.kind === 'unix') {
        remove = await placeSocket(address.path, (path) => listenAt(server, { path }))
      } else {
        const { host, port } = address
        await listenAt(server, host === '' ? { port } : { host, port })
      }
    } catch (cause) {
      if (cause instanceof AgentError) throw cause
      const message = `${action} on ${grpcAddress(address)}: ${(cause as Error).message}`
      throw new AgentError('AGENT_SERVER', message, { cause })
    }
    return new HttpListener(server, address, remove)
  }

  private constructor(server: Server, asked: ListenAddress, remove: () => void) {
    this.#server = server
    this.#asked = asked
    this.#remove = remove
  }

  /** The address it listens on, with the assigned port. */
  get address(): ListenAddress {
    if (this.#asked.kind === 'unix') return this.#asked
    return { ...this.#asked, port: (this.#server.address() as AddressInfo).port }
  }

  /** Its URL; a Unix socket has none. */
  url(path: string): string {
    const where = clientAddress(this.address)
    return this.#asked.kind === 'unix' ? where : `http://${where}${path}`
  }

  /** Closes all connections. */
  close(): Promise<void> {
    this.#remove()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}
