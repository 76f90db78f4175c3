import { createServer, type Server } from 'node:http'
import type { Log } from '../log.ts'
import type { ListenAddress } from '../server/listen/address.ts'
import { addressOf, listenHttp } from '../server/listen/http.ts'
import { contentType } from './text-format.ts'

const path = '/metrics'
/** Clients that are slower than that are no scrapers. */
const requestMs = 10_000

/** Serves metrics over HTTP to Prometheus. Questions at the same time share an answer. */
export class MetricsServer {
  readonly #server: Server
  readonly #asked: ListenAddress
  readonly #read: () => Promise<string>
  #reading: Promise<string> | undefined

  /** @param read makes the text. @throws AgentError AGENT_SERVER */
  static async start(
    address: ListenAddress,
    read: () => Promise<string>,
    log: Log,
  ): Promise<MetricsServer> {
    const server = new MetricsServer(address, read, log)
    await listenHttp(server.#server, address, 'serve metrics')
    return server
  }

  private constructor(asked: ListenAddress, read: () => Promise<string>, log: Log) {
    this.#asked = asked
    this.#read = read
    this.#server = createServer({ requestTimeout: requestMs }, (request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { allow: 'GET, HEAD' }).end()
      } else if (request.url?.split('?')[0] !== path) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end(`see ${path}\n`)
      } else {
        this.#text().then(
          (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
          (error: Error) => {
            log.error(`read metrics: ${error.message}`)
            response.writeHead(500).end()
          },
        )
      }
    })
  }

  #text(): Promise<string> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** Where it listens; where any port would do, the one that was taken. */
  get address(): ListenAddress {
    return addressOf(this.#server, this.#asked)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}
