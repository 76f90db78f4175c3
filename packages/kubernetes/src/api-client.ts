import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { ClusterAddress } from './api-address.ts'
import { ResponseTooLarge, refusal } from './api-error.ts'

/**
 * Maximum size of an object of a watch, and of other responses, such as a page of a list. etcd
 * stores at most 1.5 MiB of an object, and the API server writes six characters for some, such as
 * `<`.
 */
const answerMax = 1 << 24
/** Maximum time until a response starts, in milliseconds. */
const answerMs = 30_000
/** Maximum time for a page of a list as a whole, in milliseconds. */
const pageMs = 120_000
const keepAliveMs = 15_000
/** Maximum idle time of a connection for requests, in milliseconds. */
const idleMs = 30_000
/** Maximum number of connections for requests. Each watch has one of its own. */
const connectionsMax = 8

/** Kinds that answers are converted to, of the group meta.k8s.io; by default none. */
interface AnswerKinds {
  readonly list?: string
  readonly object?: string
}
const metadataOnly: AnswerKinds = {
  list: 'PartialObjectMetadataList',
  object: 'PartialObjectMetadata',
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Path with query. */
  readonly path: string
  readonly body?: object
  /** Kind that the answer is converted to, of the group meta.k8s.io. */
  readonly as?: string | undefined
}

/** Time limits, in milliseconds. */
export interface ApiLimits {
  /** Until a response starts, including connecting. */
  readonly answerMs: number
  /** Until the response has arrived, such as a page of a list. */
  readonly pageMs: number
}

/** Requests to an API server. Sizes and times of responses are bounded. */
export class ApiClient {
  readonly #address: ClusterAddress
  readonly #limits: ApiLimits
  readonly #connections: PlainAgent
  readonly #kinds: AnswerKinds

  constructor(
    address: ClusterAddress,
    limits: ApiLimits = { answerMs, pageMs },
    kinds: AnswerKinds = {},
  ) {
    this.#address = address
    this.#limits = limits
    this.#kinds = kinds
    const options = { keepAlive: true, maxSockets: connectionsMax, timeout: idleMs }
    this.#connections =
      address.url.protocol === 'http:' ? new PlainAgent(options) : new SecureAgent(options)
  }

  /** A client of the same API server for lists and watches, without `spec` and `status`. */
  withMetadataOnly(): ApiClient {
    return new ApiClient(this.#address, this.#limits, metadataOnly)
  }

  /**
   * @param path path with query
   * @throws ApiError, ResponseTooLarge, Error of the connection
   */
  get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ method: 'GET', path, as: this.#kinds.list }, signal)
  }

  /**
   * The metadata of an object.
   * @throws ApiError, ResponseTooLarge, Error of the connection
   */
  getMetadata(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ method: 'GET', path, as: metadataOnly.object }, signal)
  }

  /**
   * Creates an object.
   * @param path folder of the object, with query
   * @returns the object in the API server
   * @throws ApiError 409: it exists; Error of the connection
   */
  create(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ method: 'POST', path, body }, signal)
  }

  /**
   * Replaces an object.
   * @param body with the resource version that it replaces
   * @returns the object in the API server
   * @throws ApiError 409: it has another version; Error of the connection
   */
  update(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ method: 'PUT', path, body }, signal)
  }

  async #answer(request: Request, signal: AbortSignal): Promise<unknown> {
    const response = await this.#open(request, signal, this.#connections)
    const { pageMs } = this.#limits
    const late = setTimeout(() => response.destroy(new Error('the response is too slow')), pageMs)
    try {
      return JSON.parse(await readAll(response))
    } finally {
      clearTimeout(late)
    }
  }

  /**
   * Lines of JSON, until the server ends the response.
   * @param silentMs maximum time without data, in milliseconds
   * @param started is called when the response has started; lines may follow much later
   * @throws ApiError, Error of the connection
   */
  async *lines(
    path: string,
    signal: AbortSignal,
    silentMs: number,
    started: () => void = () => {},
  ): AsyncGenerator<string> {
    const request = { method: 'GET', path, as: this.#kinds.object } as const
    const response = await this.#open(request, signal, false)
    started()
    response.setTimeout(silentMs, () => response.destroy(new Error('no data')))
    response.setEncoding('utf8')
    let rest = ''
    for await (const piece of response as AsyncIterable<string>) {
      rest += piece
      if (rest.length > answerMax) throw new Error('an object is too large')
      // Splitting copies the text: not for each piece of a large object.
      if (!piece.includes('\n')) continue
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter((line) => line !== '')
    }
  }

  /**
   * Files of credentials are read again for each request.
   * @param agent the connections to use; false: a new one
   * @throws ApiError, Error of the connection and of the files
   */
  async #open(
    { method, path, body, as }: Request,
    signal: AbortSignal,
    agent: PlainAgent | false,
  ): Promise<IncomingMessage> {
    const { url, tls, authorization } = this.#address
    await this.#address.renew?.()
    const value = authorization()
    const content = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      accept: `application/json${as === undefined ? '' : `;as=${as};g=meta.k8s.io;v=v1`}`,
      ...(value && { authorization: value }),
      ...(content !== undefined && { 'content-type': 'application/json' }),
    }
    const open = url.protocol === 'http:' ? plainRequest : secureRequest
    const whole = new URL(url.pathname.replace(/\/+$/, '') + path, url)
    const request = open(whole, { ...tls(), method, headers, signal, agent })
    const { answerMs } = this.#limits
    const late = setTimeout(() => request.destroy(new Error('no response')), answerMs)
    try {
      const response = await answerOf(request, content)
      const { statusCode = 0 } = response
      if (statusCode === 200 || statusCode === 201) return response
      if (statusCode === 401) this.#address.refused?.()
      throw refusal(statusCode, await readAll(response))
    } finally {
      clearTimeout(late)
    }
  }
}

function answerOf(request: ClientRequest, content: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Detects connections that the network has dropped.
    request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs))
    request.once('response', resolve)
    // After the response has started, reading it fails with errors of the connection.
    request.on('error', reject)
    request.end(content)
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > answerMax) throw new ResponseTooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
