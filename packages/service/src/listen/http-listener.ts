import type { AddressInfo, Server } from 'node:net'
import { type ConnectionLimits, limitConnections, OpenConnections } from '../connections/index.ts'
import { clientAddress, type ListenAddress } from './address.ts'
import { listenAt, type PlaceSocket } from './listen-at.ts'

/** Limits where probes and scrapers connect: they need a few, and each may wait for a response. */
export const scraperLimits: ConnectionLimits = {
  total: 32,
  perClient: 16,
  opens: { perSecond: 32, burst: 128 },
}

/** How a program listens. */
export interface ListenOptions {
  readonly limits: ConnectionLimits
  readonly placeSocket?: PlaceSocket
}

/** An HTTP or HTTPS server that listens at an address. */
export class HttpListener {
  /** The assigned port; 0 for a Unix socket. */
  readonly port: number
  readonly #asked: ListenAddress
  readonly #connections: OpenConnections
  readonly #remove: () => void

  /**
   * @param server does not listen yet
   * @throws Error as {@link listenAt}
   */
  static async start(
    server: Server,
    address: ListenAddress,
    { limits, placeSocket }: ListenOptions,
  ): Promise<HttpListener> {
    limitConnections(server, limits)
    const connections = new OpenConnections(server)
    const remove = await listenAt(server, address, placeSocket)
    const { port } = address.kind === 'unix' ? { port: 0 } : (server.address() as AddressInfo)
    return new HttpListener(address, port, connections, remove)
  }

  private constructor(
    asked: ListenAddress,
    port: number,
    connections: OpenConnections,
    remove: () => void,
  ) {
    this.#asked = asked
    this.port = port
    this.#connections = connections
    this.#remove = remove
  }

  /** The address that it listens at, with the assigned port. */
  get address(): ListenAddress {
    return this.#asked.kind === 'unix' ? this.#asked : { ...this.#asked, port: this.port }
  }

  /** A URL of HTTP; a Unix socket has none, but its address. */
  url(path: string): string {
    const where = clientAddress(this.address)
    return this.#asked.kind === 'unix' ? where : `http://${where}${path}`
  }

  /** Closes the server and all connections. */
  close(): Promise<void> {
    this.#remove()
    return this.#connections.close()
  }
}
