import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { SendError } from '../../connection.ts'
import { checkGrpcStatus, type GrpcTrailers } from './grpc-status.ts'

/** Longest answer that is read, in bytes. */
const answerMax = 4 << 20
const keepAliveMs = 30_000
/** Bytes in front of a message: whether it is compressed, and its length. */
const frameHead = 5

/** A message for a server. */
export interface GrpcMessage {
  readonly bytes: Uint8Array
  /** Whether the bytes are compressed with gzip. */
  readonly isCompressed: boolean
}

/**
 * Calls of gRPC with one message each way, over one connection. A library for gRPC would bring
 * streams, name resolution and load balancing, in the thread of the outputs.
 */
export class GrpcClient {
  readonly #origin: string
  readonly #tls: SecureContextOptions | undefined
  #session: ClientHttp2Session | undefined

  /**
   * @param address host and port
   * @param tls undefined: without TLS
   */
  constructor(address: string, tls: SecureContextOptions | undefined) {
    this.#origin = `${tls === undefined ? 'http' : 'https'}://${address}`
    this.#tls = tls
  }

  /**
   * Calls a method. The connection is closed after an error: what the server has is unknown then.
   * @returns the answer, which is empty if it cannot be read
   * @throws errors of the network, SendError, or the reason of the signal
   */
  async call(
    path: string,
    message: GrpcMessage,
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    try {
      signal.throwIfAborted()
      const stream = this.#open().request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...(message.isCompressed ? { 'grpc-encoding': 'gzip' } : {}),
        ...metadata,
      })
      const answer = readAnswer(stream, signal)
      const head = Buffer.alloc(frameHead)
      head.writeUInt8(message.isCompressed ? 1 : 0)
      head.writeUInt32BE(message.bytes.length, 1)
      stream.end(Buffer.concat([head, message.bytes]))
      return await answer
    } catch (error) {
      this.close()
      throw error
    }
  }

  #open(): ClientHttp2Session {
    const open = this.#session
    if (open !== undefined && !open.closed && !open.destroyed) return open
    const session = connect(this.#origin, { ...this.#tls, settings: { enablePush: false } })
    session.on('connect', (_, socket) => (socket as Socket).setKeepAlive(true, keepAliveMs))
    // A call that is in progress fails with the same error.
    session.on('error', () => {})
    this.#session = session
    return session
  }

  /** Closes the connection immediately. */
  close(): void {
    this.#session?.destroy()
    this.#session = undefined
  }
}

/** Reads an answer until the server has ended it. */
function readAnswer(stream: ClientHttp2Stream, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let trailers: GrpcTrailers | undefined
    const abort = (): void => fail(signal.reason as Error)
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort)
      stream.destroy()
      reject(error)
    }
    signal.addEventListener('abort', abort, { once: true })
    stream.on('response', (headers) => {
      const { ':status': status = 0, 'content-type': type = '' } = headers
      // An answer without a message has no trailers.
      trailers = headers as GrpcTrailers
      if (status === 200 && /^application\/grpc\b/.test(type)) return
      fail(new SendError(status === 413 ? 'too-large' : 'again', `HTTP ${status}, not gRPC`))
    })
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= answerMax) chunks.push(chunk)
      else fail(new SendError('again', `the answer has more than ${answerMax} bytes`))
    })
    stream.on('trailers', (headers) => {
      trailers = headers as GrpcTrailers
    })
    // That of the connection says more.
    stream.on('error', (error) => fail((error.cause as Error | undefined) ?? error))
    stream.on('close', () => {
      signal.removeEventListener('abort', abort)
      try {
        if (trailers === undefined) throw new SendError('again', 'the connection was closed')
        checkGrpcStatus(trailers)
        resolve(messageOf(Buffer.concat(chunks)))
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** The message of an answer; empty if there is none that can be read. */
function messageOf(frame: Buffer): Uint8Array {
  const isWhole = frame.length >= frameHead && frame.readUInt32BE(1) === frame.length - frameHead
  return isWhole && frame[0] === 0 ? frame.subarray(frameHead) : Buffer.alloc(0)
}
