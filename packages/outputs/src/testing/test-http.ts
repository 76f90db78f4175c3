import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Changes } from './changes.ts'
import { resetSocket } from './test-sockets.ts'

/** A request that arrived. */
export interface ArrivedRequest {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What the server does with a request. */
export type Reaction = (response: ServerResponse, request: ArrivedRequest) => void

/** An HTTP server that a test controls. */
export class TestHttp {
  readonly changes = new Changes()
  readonly requests: ArrivedRequest[] = []
  /** Reactions to the next requests; afterwards each is answered with 200. */
  reactions: Reaction[] = []
  otherwise: Reaction = (response) => void response.end()
  port = 0
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()

  /** Listens on a new port, or on the same one again. */
  async listen(): Promise<void> {
    this.#server = createServer(async (incoming, response) => {
      const body = await buffer(incoming).catch(() => undefined)
      if (body === undefined) return
      const { method, url: path, headers } = incoming
      const request = { method, path, headers, body }
      this.requests.push(request)
      const react = this.reactions.shift() ?? this.otherwise
      react(response, request)
      this.changes.note()
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    await once(this.#server.listen(this.port, '127.0.0.1'), 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections without warning, and listens no more. */
  async die(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) resetSocket(socket)
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  /** The bodies of the requests, as text. */
  get bodies(): string[] {
    return this.requests.map(({ body }) => body.toString())
  }
}

/** Answers with a status. */
export function status(code: number, body = '', headers: Record<string, string> = {}): Reaction {
  return (response) => void response.writeHead(code, headers).end(body)
}
