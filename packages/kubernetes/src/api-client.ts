import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { ClusterAddress } from './cluster-address.ts'

/** Maximum size of a page of a list, in bytes. */
const answerMax = 1 << 26
/** Maximum length of an object of a watch; etcd stores at most 1.5 MiB. */
const objectMax = 1 << 23
/** Maximum idle time of a connection, in milliseconds. */
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

/** Reads objects from an API server. The size of responses and idle times are bounded. */
export class ApiClient {
  readonly #address: ClusterAddress

  constructor(address: ClusterAddress) {
    this.#address = address
  }

  /** @param path path with query @throws ApiError, Error of the connection */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#open(path, signal, idleMs)
    return JSON.parse(await readAll(response))
  }

  /**
   * Lines of JSON, until the server ends the response.
   * @param silentMs maximum time without data, in milliseconds
   * @throws ApiError, Error of the connection
   */
  async *lines(path: string, signal: AbortSignal, silentMs: number): AsyncGenerator<string> {
    const response = await this.#open(path, signal, silentMs)
    response.setEncoding('utf8')
    let rest = ''
    for await (const piece of response as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > objectMax) throw new Error('an object is too large')
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
      request.setTimeout(silentMs, () => request.destroy(new Error('no response')))
      // Detects connections that the network has dropped.
      request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs))
      request.once('error', reject)
      request.once('response', (response) => {
        // Reading the response fails with errors of the connection.
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
    if (length > answerMax) throw new Error('the response is too large')
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
    // Proxies respond with other texts.
  }
  return new ApiError(status, `${status} ${JSON.stringify(message.slice(0, shownMax))}`)
}
