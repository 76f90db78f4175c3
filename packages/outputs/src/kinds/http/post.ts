import { Agent, request as requestPlain } from 'node:http'
import { request as requestTls, Agent as TlsAgent } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { SendError } from '../../connection.ts'
import type { HttpAnswer } from './answer.ts'

/** Longest answer that is read, in bytes. */
const answerMax = 4 << 20

/** A connection that stays open between requests. */
export class HttpClient {
  readonly #url: URL
  readonly #agent: Agent

  /** @param tls undefined: without TLS */
  constructor(url: URL, tls: SecureContextOptions | undefined) {
    this.#url = url
    const options = { keepAlive: true, maxSockets: 1 }
    this.#agent = tls === undefined ? new Agent(options) : new TlsAgent({ ...options, ...tls })
  }

  /**
   * Sends a request, and reads the answer.
   * @throws errors of the network, SendError, or the reason of the signal
   */
  post(
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const send = this.#url.protocol === 'https:' ? requestTls : requestPlain
      const length = { 'Content-Length': String(body.length) }
      const options = { method: 'POST', agent: this.#agent, headers: { ...headers, ...length } }
      const request = send(this.#url, options, (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= answerMax) chunks.push(chunk)
          else
            request.destroy(new SendError('again', `the answer has more than ${answerMax} bytes`))
        })
        response.on('error', fail)
        response.on('end', () => {
          signal.removeEventListener('abort', abort)
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks),
          })
        })
      })
      const abort = (): void => void request.destroy(signal.reason as Error)
      const fail = (error: Error): void => {
        signal.removeEventListener('abort', abort)
        reject(error)
      }
      request.on('error', fail)
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) return abort()
      request.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
