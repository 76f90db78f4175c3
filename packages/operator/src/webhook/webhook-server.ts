import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TcpAddress } from '@tetragon-ts/service/listen'
import { HttpListener } from '@tetragon-ts/service/listen/http'
import type { KeyPair } from '../certificates/make-certificate.ts'
import { throwListenError } from '../endpoints/listen-error.ts'
import type { ReviewCounts } from '../endpoints/review-counts.ts'
import { type AdmissionHandler, MalformedReview } from './admission.ts'
import { readBody } from './read-body.ts'
import { Refusal } from './refusal.ts'
import { ReviewQueue } from './review-queue.ts'

/** Maximum number of requests at a time, each with up to a megabyte. */
const requestsMax = 16
/** Without these, idle connections of anyone would keep out the API server. */
const limits = { total: 128, perClient: 64, opens: { perSecond: 64, burst: 256 } }
/** Milliseconds. The API server closes idle connections after 90 s; it must be the first. */
const times = { request: 10_000, headers: 5000, handshake: 5000, idle: 120_000 }

function refusalOf(error: Error): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof MalformedReview) return new Refusal(400, error.message)
  // The text of unexpected errors goes to the log only.
  return new Refusal(500, 'the request cannot be answered')
}

/**
 * The HTTPS server that the API server asks before it writes an object. Sizes, times and numbers of
 * requests are bounded: anyone in the network of the cluster can send some.
 */
export class WebhookServer {
  readonly counts: ReviewCounts = { allowed: 0, refused: 0, unreviewed: 0, failed: 0 }
  readonly #server: Server
  #listener!: HttpListener
  readonly #handlers: Readonly<Record<string, AdmissionHandler>>
  readonly #failed: (error: Error) => void
  readonly #queue = new ReviewQueue()
  #requests = 0

  /**
   * @param failed receives unexpected errors of handlers
   * @throws OperatorError OPERATOR_SERVER
   */
  static async start(
    address: TcpAddress,
    handlers: Readonly<Record<string, AdmissionHandler>>,
    pair: KeyPair,
    failed: (error: Error) => void,
  ): Promise<WebhookServer> {
    const webhook = new WebhookServer(handlers, pair, failed)
    const listening = HttpListener.start(webhook.#server, address, { limits })
    webhook.#listener = await listening.catch(throwListenError(address))
    return webhook
  }

  private constructor(
    handlers: Readonly<Record<string, AdmissionHandler>>,
    pair: KeyPair,
    failed: (error: Error) => void,
  ) {
    this.#handlers = handlers
    this.#failed = failed
    const options = {
      ...secureContext(pair),
      handshakeTimeout: times.handshake,
      requestTimeout: times.request,
      headersTimeout: times.headers,
      keepAliveTimeout: times.idle,
      connectionsCheckingInterval: 1000,
    }
    this.#server = createServer(
      options,
      (request, response) => void this.#answer(request, response),
    )
  }

  get port(): number {
    return this.#listener.port
  }

  /** Uses another certificate for new connections. */
  use(pair: KeyPair): void {
    this.#server.setSecureContext(secureContext(pair))
  }

  /** Closes all connections. */
  close(): Promise<void> {
    return this.#listener.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++
    try {
      const handler = this.#handlerOf(request)
      const body = await readBody(request)
      const ms = timeoutOf(request)
      const { result, text } = await this.#queue.review(handler, body, ms)
      this.counts[result]++
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    } catch (error) {
      this.counts.failed++
      if (response.destroyed) return
      const { status, message } = refusalOf(error as Error)
      if (status === 500) this.#failed(error as Error)
      const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
      response.writeHead(status, headers).end(`${message}\n`)
    } finally {
      this.#requests--
    }
  }

  /** @throws Refusal */
  #handlerOf({ url = '', method, headers }: IncomingMessage): AdmissionHandler {
    if (this.#requests > requestsMax) throw new Refusal(503, 'too many requests')
    const path = url.split('?')[0]
    if (!Object.hasOwn(this.#handlers, path)) throw new Refusal(404, 'unknown path')
    if (method !== 'POST') throw new Refusal(405, 'expected POST')
    const [type] = (headers['content-type'] ?? '').split(';')
    if (type.trim().toLowerCase() !== 'application/json') {
      throw new Refusal(415, 'expected content-type application/json')
    }
    return this.#handlers[path]
  }
}

/** Milliseconds that the API server waits for the answer, as its request says. */
function timeoutOf({ url = '' }: IncomingMessage): number | undefined {
  const [, seconds] = /[?&]timeout=([0-9]{1,2})s(?:&|$)/.exec(url) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

function secureContext({ certificate: cert, key }: KeyPair) {
  return { cert, key, minVersion: 'TLSv1.2' } as const
}
