import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { ClusterAddress } from './cluster-address.ts'

/** Bytes of a page of a list, and of one object of a watch. */
const answerMax = 1 << 26
/** How long a connection may be idle, in milliseconds. */
const idleMs = 30_000
const keepAliveMs = 15_000

/** The API server refused a request. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads objects from an API server. Every answer is bounded, and no request waits for ever. */
export class ApiClient {
  readonly #address: ClusterAddress

  constructor(address: ClusterAddress) {
    this.#address = address
  }

  /** @param path with query @throws ApiError, Error of the connection */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#open(path, signal, idleMs)
    return JSON.parse(await readAll(response))
  }

  /**
   * Lines of JSON, until the server ends the answer.
   * @param silentMs how long the server may send nothing
   * @throws ApiError, Error of the connection
   */
  async *lines(path: string, signal: AbortSignal, silentMs: number): AsyncGenerator<string> {
    const response = await this.#open(path, signal, silentMs)
    response.setEncoding('utf8')
    let rest = ''
    for await (const piece of response as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > answerMax) throw new Error('an object is too large')
      yield* lines.filter((line) => line !== '')
    }
  }

  #open(path: string, signal: AbortSignal, silentMs: number): Promise<IncomingMessage> {
    const { url, tls, authorization } = this.#address
    const value = authorization()
    const headers = { accept: 'application/json', ...(value && { authorization: value }) }
    const open = url.protocol === 'http:' ? plainRequest : secureRequest
    return new Promise((resolve, reject) => {
      const whole = new URL(url.pathname.replace(/\/+$/, '') + path, url)
      const request: ClientRequest = open(whole, { ...tls, headers, signal, agent: false })
      request.setTimeout(silentMs, () => request.destroy(new Error('no answer')))
      // A network that ends without a word is noticed.
      request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs))
      request.once('error', reject)
      request.once('response', (response) => {
        // Failures of the connection come out where the answer is read.
        request.on('error', () => {})
        const { statusCode = 0 } = response
        if (statusCode === 200) resolve(response)
        else readAll(response).then((text) => reject(refusal(statusCode, text)), reject)
      })
      request.end()
    })
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > answerMax) throw new Error('the answer is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

const shownMax = 300

function refusal(status: number, text: string): ApiError {
  let message = text
  try {
    message = String((JSON.parse(text) as { message?: unknown }).message ?? text)
  } catch {
    // Proxies answer with other texts.
  }
  return new ApiError(status, `${status} ${JSON.stringify(message.slice(0, shownMax))}`)
}
