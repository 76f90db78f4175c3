import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limitConnections } from '@tetragon-ts/service/connections'
import type { BindAddress } from '../bind-address.ts'
import { OperatorError } from '../error.ts'

/** Time limit for requests: probes and scrapers are faster. */
const requestMs = 10_000
/** Probes and scrapers need a few. */
const connections = { total: 32, perClient: 16, opens: { perSecond: 32, burst: 128 } }

/** The answer to a request. */
export interface Answer {
  readonly status?: number
  readonly type?: string
  readonly text: string
}

/** Answers by path. */
export type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>

/** An HTTP server with a few paths, for GET. */
export class HttpEndpoint {
  readonly #server: Server

  /** @throws OperatorError OPERATOR_SERVER */
  static async start({ host, port }: BindAddress, routes: Routes): Promise<HttpEndpoint> {
    const server = createServer({ requestTimeout: requestMs }, (request, response) => {
      const path = request.url?.split('?')[0] ?? ''
      const isGet = request.method === 'GET' || request.method === 'HEAD'
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined
      if (!isGet) response.writeHead(405, { allow: 'GET, HEAD' }).end()
      else if (route === undefined) response.writeHead(404).end()
      else {
        Promise.resolve(route()).then(
          ({ status = 200, type = 'text/plain; charset=utf-8', text }) =>
            response.writeHead(status, { 'content-type': type }).end(text),
          () => response.writeHead(500).end(),
        )
      }
    })
    limitConnections(server, connections)
    await new Promise<void>((resolve, reject) => {
      // It stays: errors of later connections do not end the operator.
      server.on('error', reject)
      server.listen(host === '' ? { port } : { host, port }, resolve)
    }).catch((cause: Error) => {
      const message = `listen on ${host}:${port}: ${cause.message}`
      throw new OperatorError('OPERATOR_SERVER', message, { cause })
    })
    return new HttpEndpoint(server)
  }

  private constructor(server: Server) {
    this.#server = server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Closes all connections. */
  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
