import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import { clientAddress, type ListenAddress } from '@tetragon-ts/service/listen'
import { HttpListener } from '@tetragon-ts/service/listen/http'
import type { TlsIdentity } from './listen-tls.ts'
import { placeSocket } from './socket-file.ts'

/**
 * Milliseconds for the headers of a request, for a whole request, and for the next request of a
 * connection. A proxy closes idle connections after a minute: if the console did so first, a
 * request that is on its way would fail.
 */
const times = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 75_000 }
/** A browser opens 6 for each page; behind a proxy, all clients have its address. */
const limits = { total: 512 }

/** Receives requests at an address of this machine, with or without TLS. */
export class Listener {
  readonly #server: Server | SecureServer
  readonly #secure: SecureServer | undefined
  #listener: HttpListener | undefined

  /** @param tls undefined: without TLS */
  constructor(answer: RequestListener, tls: TlsIdentity | undefined) {
    const options = { ...times, ...tls, minVersion: 'TLSv1.2' } as const
    this.#secure = tls && createSecureServer(options, answer)
    this.#server = this.#secure ?? createServer(times, answer)
  }

  /**
   * Starts to listen.
   * @returns the origin for browsers; undefined for a socket, which they cannot open
   * @throws system errors
   */
  async listen(address: ListenAddress): Promise<URL | undefined> {
    const listener = await HttpListener.start(this.#server, address, { limits, placeSocket })
    this.#listener = listener
    if (address.kind === 'unix') return undefined
    return new URL(`${this.#secure ? 'https' : 'http'}://${clientAddress(listener.address)}`)
  }

  /** Uses another certificate for new connections. */
  renew(tls: TlsIdentity): void {
    this.#secure?.setSecureContext({ ...tls, minVersion: 'TLSv1.2' })
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#listener?.close()
  }
}
