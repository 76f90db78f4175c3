import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Agents } from '../connection/agents.ts'
import { ConsoleAccess, keyHeader } from './access.ts'
import { changingCalls, readBody, readingCalls } from './calls.ts'
import { relayEvents } from './event-relay.ts'
import { refusalOf } from './guard.ts'
import { securityHeaders } from './headers.ts'
import { leadTo } from './lead-to.ts'
import type { PageFile } from './page-files.ts'

/** Milliseconds for the headers of a request, and for a whole request. */
const headersTimeout = 10_000
const requestTimeout = 60_000
const yearSeconds = 365 * 24 * 3600

/** What a console serves. */
export interface ConsoleOptions {
  readonly agents: Pick<Agents, 'call' | 'events'>
  /** The files of the page, by their paths in addresses. */
  readonly page: ReadonlyMap<string, PageFile>
  /** Whether the page may change policies. */
  readonly allowsChanges: boolean
}

/**
 * Serves the page and what it asks for, to one browser. Requests without its cookie are refused,
 * whatever they ask for.
 */
export class ConsoleServer {
  readonly #options: ConsoleOptions
  readonly #access = new ConsoleAccess()
  readonly #server: Server
  readonly #end = new AbortController()
  #authority = ''

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#server = createServer({ headersTimeout, requestTimeout }, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
  }

  /** Starts to listen on this machine. @returns the address with the token @throws system errors */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, resolve)
    })
    const { port: actual } = this.#server.address() as AddressInfo
    this.#authority = `${host.includes(':') ? `[${host}]` : host}:${actual}`
    return `http://${this.#authority}/?token=${this.#access.token}`
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#end.abort()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    response.setHeader('Cache-Control', 'no-store')
    const refusal = refusalOf(request, this.#authority)
    if (refusal !== undefined) return sendText(response, refusal.status, refusal.text)
    const url = new URL(request.url ?? '', `http://${this.#authority}`)
    const token = url.searchParams.get('token')
    if (token !== null && request.method === 'GET' && url.pathname === '/') {
      return this.#open(token, request, response)
    }
    if (!this.#access.permits(request.headers.cookie)) {
      return sendText(response, 403, 'open the address that tetra console has printed')
    }
    const isApi = url.pathname.startsWith('/api/')
    if (isApi && !this.#access.hasKey(request.headers[keyHeader])) {
      return sendText(response, 403, 'only the page of the console may ask for this')
    }
    if (request.method === 'POST') return this.#call(url.pathname, request, response)
    if (request.method === 'GET' && url.pathname === '/api/events') return this.#stream(response)
    if (url.pathname === '/api/settings') {
      return sendJson(response, 200, { allowsChanges: this.#options.allowsChanges })
    }
    return this.#file(url.pathname, request, response)
  }

  /**
   * Exchanges the token for the cookie. The answer is a page that leads to the console, not a
   * redirect: after one, browsers omit the cookie if a page of another site had the link.
   */
  #open(token: string, request: IncomingMessage, response: ServerResponse): void {
    const cookie = this.#access.redeem(token)
    if (cookie !== undefined) response.setHeader('Set-Cookie', cookie)
    else if (!this.#access.permits(request.headers.cookie)) {
      return sendText(response, 403, 'this address was used before: start tetra console again')
    }
    // The page keeps the key, and removes it from its address.
    const next = cookie === undefined ? '/' : `/#key=${this.#access.key}`
    send(response, 200, 'text/html; charset=utf-8', Buffer.from(leadTo(next)))
  }

  async #call(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = /^\/api\/call\/(\w+)$/.exec(path)?.[1]
    const name = [...readingCalls, ...changingCalls].find((each) => each === wanted)
    if (name === undefined) return sendText(response, 404, 'unknown call')
    const isChange = changingCalls.some((each) => each === name)
    if (isChange && !this.#options.allowsChanges) {
      return sendText(response, 403, 'changes are off: start tetra console with --allow-changes')
    }
    const body = await readBody(request)
    if (typeof body === 'string') return sendText(response, 400, body)
    try {
      sendJson(response, 200, await this.#options.agents.call(name, body))
    } catch (error) {
      sendText(response, 502, (error as Error).message)
    }
  }

  async #stream(response: ServerResponse): Promise<void> {
    response.setHeader('Content-Type', 'application/octet-stream')
    response.flushHeaders()
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, this.#end.signal])
    await relayEvents(this.#options.agents, {}, response, signal)
    response.end()
  }

  #file(path: string, request: IncomingMessage, response: ServerResponse): void {
    // Addresses of views are those of the page.
    const file = this.#options.page.get(path) ?? this.#options.page.get(viewPath(path))
    if (file === undefined) return sendText(response, 404, 'unknown address')
    const compress = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    if (file.isImmutable) {
      response.setHeader('Cache-Control', `private, max-age=${yearSeconds}, immutable`)
    }
    if (compress) response.setHeader('Content-Encoding', 'gzip')
    response.setHeader('Vary', 'Accept-Encoding')
    send(response, 200, file.type, compress ? file.compressed : file.bytes)
  }
}

/** Every path without a dot is a view of the page, except those of the programming interface. */
function viewPath(path: string): string {
  return path.startsWith('/api/') || path.includes('.') ? path : '/'
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', Buffer.from(text === '' ? '' : `${text}\n`))
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value))
  send(response, status, 'application/json; charset=utf-8', bytes)
}

function send(response: ServerResponse, status: number, type: string, bytes: Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}
