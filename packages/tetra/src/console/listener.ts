import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { limitConnections, OpenConnections } from '@tetragon-ts/service/connections'
import type { ListenAddress } from './listen-address.ts'
import type { TlsIdentity } from './listen-tls.ts'
import { listenOnSocket } from './socket-file.ts'

/** Milliseconds for the headers of a request, and for a whole request. */
const limits = { headersTimeout: 10_000, requestTimeout: 60_000 }
/** A browser opens 6 for each page; behind a proxy, all clients have its address. */
const connections = { total: 512 }

/** Receives requests at an address of this machine, with or without TLS. */
export class Listener {
  readonly #server: Server | SecureServer
  readonly #secure: SecureServer | undefined
  readonly #connections: OpenConnections

  /** @param tls undefined: without TLS */
  constructor(answer: RequestListener, tls: TlsIdentity | undefined) {
    const options = { ...limits, ...tls, minVersion: 'TLSv1.2' } as const
    this.#secure = tls && createSecureServer(options, answer)
    this.#server = this.#secure ?? createServer(limits, answer)
    limitConnections(this.#server, connections)
    this.#connections = new OpenConnections(this.#server)
  }

  /**
   * Starts to listen.
   * @returns the origin for browsers; undefined for a socket, which they cannot open
   * @throws system errors
   */
  async listen(address: ListenAddress): Promise<URL | undefined> {
    if (address.kind === 'unix') {
      await listenOnSocket(this.#server, address.path)
      return undefined
    }
    const { host, port } = address
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host.replace(/^\[|\]$/g, ''), resolve)
    })
    const { port: actual } = this.#server.address() as AddressInfo
    return new URL(`${this.#secure ? 'https' : 'http'}://${host}:${actual}`)
  }

  /** Uses another certificate for new connections. */
  renew(tls: TlsIdentity): void {
    this.#secure?.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#connections.close()
  }
}
