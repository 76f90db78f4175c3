import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy in front of a console on a Unix socket, as a user would have one. */
export class UserProxy implements AsyncDisposable {
  /** The user of requests without a cookie `user`; empty: none. */
  user = ''
  /** Requests that were passed on: method and path. */
  readonly passed: string[] = []
  readonly #server: Server

  private constructor(socketPath: string) {
    this.#server = createServer((incoming, outgoing) => {
      const { method, url: path } = incoming
      this.passed.push(`${method} ${path}`)
      const headers = { ...incoming.headers, ...this.#authorization(incoming) }
      const forwarded = request({ socketPath, method, path, headers }, (response) => {
        outgoing.writeHead(response.statusCode ?? 0, response.headers)
        response.pipe(outgoing)
      })
      forwarded.on('error', () => outgoing.destroy())
      outgoing.on('close', () => forwarded.destroy())
      incoming.pipe(forwarded)
    })
  }

  static async start(socketPath: string): Promise<UserProxy> {
    const proxy = new UserProxy(socketPath)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  /** The address that browsers open. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The user has logged in before: the proxy knows the token. */
  #authorization({ headers }: IncomingMessage): { authorization?: string } {
    const [, user = this.user] = /\buser=(\w+)/.exec(headers.cookie ?? '') ?? []
    return user === '' ? {} : { authorization: `Bearer token-of-${user}` }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
