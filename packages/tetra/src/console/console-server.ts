import type { IncomingMessage, ServerResponse } from 'node:http'
import { stateFrame } from '@tetragon-ts/console/frames'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import { Semaphore } from '@tetragon-ts/service/queue'
import type { WatchName } from '../connection/agent-client.ts'
import type { ConsoleAccess, Granted, PrintedAccess } from './access.ts'
import { send, sendHtml, sendJson, sendText } from './answers.ts'
import {
  answersOf,
  changingCalls,
  measuringCalls,
  readBody,
  readingCalls,
  refusalOfCall,
} from './calls.ts'
import { ClientSignal } from './client-signal.ts'
import type { EventSource } from './event-source.ts'
import { EventStreams } from './event-streams.ts'
import { refusalOf } from './guard.ts'
import { securityHeaders } from './headers.ts'
import { leadTo } from './lead-to.ts'
import type { TlsIdentity } from './listen-tls.ts'
import { Listener } from './listener.ts'
import { measure } from './measure.ts'
import type { PageFile } from './page-files.ts'
import { consolePath } from './token-reviews.ts'

const yearSeconds = 365 * 24 * 3600
/** Maximum number of calls of agents at a time, and of those that wait or run. */
const callsAtOnce = 8
const callsMax = 128

/** What a console serves. */
export interface ConsoleOptions {
  readonly source: EventSource
  /** The files of the page, by their paths in addresses. */
  readonly page: ReadonlyMap<string, PageFile>
  /** Whether the page may change policies. */
  readonly allowsChanges: boolean
  /** Milliseconds of the past that a page starts with. */
  readonly pastMs: number
}

/**
 * Serves the page and what it asks for. Requests without access are refused, whatever they ask for.
 */
export class ConsoleServer {
  readonly #options: ConsoleOptions
  readonly #listener: Listener
  readonly #end = new AbortController()
  /** As browsers see it, and the access for it; set when the server listens. */
  #origin!: URL
  #access!: ConsoleAccess
  readonly #streams: EventStreams
  /** Of the past, with a limit of their own: each ends soon. */
  readonly #pasts: EventStreams
  readonly #semaphore = new Semaphore(callsAtOnce)
  #calls = 0

  constructor(options: ConsoleOptions, tls?: TlsIdentity) {
    this.#options = options
    this.#streams = new EventStreams(options.source, this.#end.signal)
    this.#pasts = new EventStreams(options.source, this.#end.signal)
    this.#listener = new Listener((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    }, tls)
  }

  /**
   * Starts to listen.
   * @param publicUrl origin that browsers see; undefined: that of the address
   * @param accessFor makes the access for this origin
   * @returns the address to print
   * @throws system errors
   */
  async listen(
    address: ListenAddress,
    publicUrl: URL | undefined,
    accessFor: (origin: URL) => PrintedAccess,
  ): Promise<string> {
    const own = await this.#listener.listen(address)
    const origin = publicUrl ?? own
    if (origin === undefined) throw new Error('a socket needs the origin that browsers see')
    const { access, address: printed } = accessFor(origin)
    this.#origin = origin
    this.#access = access
    return printed
  }

  /** Uses another certificate for new connections. */
  renew(tls: TlsIdentity): void {
    this.#listener.renew(tls)
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#end.abort()
    await this.#listener.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    response.setHeader('Cache-Control', 'no-store')
    const refusal = refusalOf(request, this.#origin)
    if (refusal !== undefined) return sendText(response, refusal.status, refusal.text)
    const url = new URL(request.url ?? '', this.#origin)
    const decision = await this.#access.decide(request, url)
    switch (decision.kind) {
      case 'denied':
        for (const [name, value] of Object.entries(decision.headers ?? {})) {
          response.setHeader(name, value)
        }
        return sendText(response, decision.status, decision.text)
      case 'opening':
        // A page that leads to the console, not a redirect: after one, browsers omit the cookie if
        // a page of another site had the link.
        if (decision.cookie !== undefined) response.setHeader('Set-Cookie', decision.cookie)
        return sendHtml(response, leadTo(decision.next))
      case 'granted':
        return this.#serve(url, decision, request, response)
    }
  }

  async #serve(
    url: URL,
    access: Granted,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { pathname: path } = url
    const allowsChanges = this.#options.allowsChanges && access.mayChange
    if (request.method === 'POST') return this.#call(url, access, request, response)
    if (request.method === 'GET' && path === '/api/events') {
      return this.#streams.answer(access, request, response)
    }
    if (request.method === 'GET' && path === '/api/past') {
      return this.#past(url, access, request, response)
    }
    if (path === '/api/settings') {
      return sendJson(response, 200, {
        allowsChanges,
        hasAgents: this.#options.source.agents !== undefined,
      })
    }
    return this.#file(path, request, response)
  }

  /** Answers with events from a time on, or with those that a page starts with. */
  async #past(
    { searchParams }: URL,
    access: Granted,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { source, pastMs } = this.#options
    if (source.sendPast === undefined) return sendText(response, 404, 'there is no past')
    const given = searchParams.get('since')
    if (given === null && pastMs === 0) {
      const reason = 'tetra console was started with --since 0s'
      response.setHeader('Content-Type', 'application/octet-stream')
      response.end(stateFrame({ isConnected: false, reason }))
      return
    }
    const start = given === null ? Date.now() - pastMs : timeOf(given)
    if (Number.isNaN(start)) return sendText(response, 400, `invalid time ${given}`)
    // Timestamps have years of four digits.
    const since = new Date(Math.max(0, start)).toISOString()
    await this.#pasts.answer(access, request, response, (page, signal) =>
      source.sendPast!(page, since, signal),
    )
  }

  async #call(
    { pathname, searchParams }: URL,
    { mayChange }: Granted,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const wanted = /^\/api\/call\/(\w+)$/.exec(pathname)?.[1]
    const measured = measuringCalls.find((each) => each === wanted)
    const name = [...readingCalls, ...changingCalls].find((each) => each === wanted)
    if (measured !== undefined) return this.#measure(measured, request, response)
    if (name === undefined) return sendText(response, 404, 'unknown call')
    const isChange = changingCalls.some((each) => each === name)
    if (isChange && !this.#options.allowsChanges) {
      return sendText(response, 403, 'changes are off: start tetra console with --allow-changes')
    }
    if (isChange && !mayChange) {
      return sendText(response, 403, `you need the verb update on the path ${consolePath}`)
    }
    const { agents } = this.#options.source
    if (agents === undefined) return sendText(response, 404, 'recorded files have no agent')
    const body = await readBody(request)
    if (typeof body === 'string') {
      // The rest of the request is not read.
      response.setHeader('Connection', 'close')
      return sendText(response, 400, body)
    }
    const node = searchParams.get('node') ?? undefined
    const refusal = refusalOfCall(name, body, node, agents)
    if (refusal !== undefined) return sendText(response, 400, refusal)
    await this.#ask(response, () => answersOf(agents, name, body, node))
  }

  async #measure(
    name: WatchName,
    { socket }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { agents } = this.#options.source
    if (agents === undefined) return sendText(response, 404, 'recorded files have no agent')
    using client = new ClientSignal(socket, this.#end.signal)
    await this.#ask(response, () => measure(agents, name, client.signal))
  }

  /** Sends the answers of agents; some calls at a time, since each has connections of its own. */
  async #ask(response: ServerResponse, call: () => Promise<object>): Promise<void> {
    if (this.#calls >= callsMax) return sendText(response, 503, 'too many calls: try it again')
    this.#calls++
    try {
      sendJson(response, 200, await this.#semaphore.run(call))
    } catch (error) {
      sendText(response, 502, (error as Error).message)
    } finally {
      this.#calls--
    }
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

/** Milliseconds since 1970 of a time as in RFC 3339, in UTC; NaN if it is not one. */
function timeOf(text: string): number {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN
}

/** Every path without a dot is a view of the page, except those of the programming interface. */
function viewPath(path: string): string {
  return path.startsWith('/api/') || path.includes('.') ? path : '/'
}
