import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { framed } from '../../../reader/outputs/framing.ts'

/** The end of a call in HTTP/2. */
export interface RawAnswer {
  /** The gRPC status; undefined when the stream was reset. */
  readonly code: number | undefined
  readonly details: string
}

/** Far longer than a response takes on a busy machine. */
const patienceMs = 120_000

/** A client that sends arbitrary bytes. */
export class RawClient {
  readonly #session: ClientHttp2Session
  /** Fulfilled when the connection is closed. */
  readonly closed: Promise<unknown>

  /** @param path of the server's socket */
  constructor(path: string) {
    this.#session = connect('http://localhost', { path })
    this.#session.on('error', () => {})
    this.closed = new Promise((resolve) => this.#session.once('close', resolve))
  }

  /** Calls a procedure with a message of arbitrary bytes. */
  call(procedure: string, message: Uint8Array, headers: object = {}): Promise<RawAnswer> {
    return this.send(procedure, framed(message), headers)
  }

  /** The same with an arbitrary body. Streams are cancelled after the first response. */
  send(procedure: string, body: Uint8Array, headers: object = {}): Promise<RawAnswer> {
    const stream = this.#session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: procedure,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [constants.HTTP2_HEADER_TE]: 'trailers',
      ...headers,
    })
    return new Promise((resolve) => {
      let answer: RawAnswer = { code: undefined, details: '' }
      const note = (found: IncomingHttpHeaders): void => {
        const { 'grpc-status': code, 'grpc-message': details = '' } = found
        if (code === undefined) return
        answer = { code: Number(code), details: decodeURI(String(details)) }
      }
      stream.on('response', (found) => {
        note(found)
        // An event stream was opened, which never ends by itself.
        if (found['grpc-status'] === undefined && procedure.endsWith('GetEvents')) stream.close()
      })
      stream.on('trailers', note)
      stream.on('error', () => {})
      stream.on('close', () => resolve(answer))
      stream.setTimeout(patienceMs, () => stream.close(constants.NGHTTP2_CANCEL))
      stream.resume()
      stream.end(body)
    })
  }

  close(): void {
    this.#session.destroy()
  }
}
