import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { ByteQueue } from '../../../bytes/byte-queue.ts'
import { ttrpcRequest, ttrpcResponse } from './nri-messages.ts'

/** Logical connections: the runtime calls on the first one, the plugin on the second. */
export const pluginConnection = 1
export const runtimeConnection = 2

/** Of a logical connection: its number and the length of the frame. */
const frameHead = 8
/** Of a message: length, stream, type and flags. */
const messageHead = 10
const types = { request: 1, response: 2 } as const
/** Maximum length of a message (ttrpc, channel.go). */
const messageMax = 4 << 20
/** The status of a procedure that does not exist (google.rpc.Code). */
const unimplemented = 12

/** Answers a call. @returns undefined if there is no such procedure */
export type TtrpcHandler = (method: string, payload: Buffer) => Promise<Uint8Array | undefined>

/**
 * A socket with ttrpc in both directions: NRI has a logical connection for each. Whatever is wrong
 * ends it; `ended` has the reason.
 */
export class TtrpcSocket {
  readonly #socket: Socket
  readonly #answer: TtrpcHandler
  readonly #streams = new Map(
    [pluginConnection, runtimeConnection].map((id) => [id, new ByteQueue()]),
  )
  readonly #calls = new Map<number, (problem: string | undefined) => void>()
  readonly #received = new ByteQueue()
  #nextStream = 1
  /** Fulfilled with the reason when the connection has ended. */
  readonly ended: Promise<string>

  private constructor(socket: Socket, answer: TtrpcHandler) {
    this.#socket = socket
    this.#answer = answer
    this.ended = new Promise((resolve) => {
      let reason = 'the runtime closed the connection'
      socket.on('error', (error) => {
        reason = error.message
      })
      socket.once('close', () => {
        resolve(reason)
        for (const settle of this.#calls.values()) settle(reason)
      })
    })
    socket.on('data', (bytes) => {
      try {
        this.#receive(bytes)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
  }

  /** @throws Error if there is no server */
  static async connect(path: string, answer: TtrpcHandler): Promise<TtrpcSocket> {
    const socket = createConnection(path)
    await once(socket, 'connect')
    return new TtrpcSocket(socket, answer)
  }

  /**
   * Calls a procedure without a result. Without an answer in time the connection ends.
   * @throws Error
   */
  async call(service: string, method: string, payload: Uint8Array, limitMs: number): Promise<void> {
    const stream = this.#nextStream
    // Streams of clients are odd.
    this.#nextStream += 2
    const late = setTimeout(() => {
      this.#socket.destroy(new Error(`no answer to ${method} within ${limitMs} ms`))
    }, limitMs).unref()
    const problem = await new Promise<string | undefined>((resolve) => {
      this.#calls.set(stream, resolve)
      const encoded = Buffer.from(payload).toString('base64')
      const request = ttrpcRequest.encode({ service, method, payload: encoded })
      this.#send(runtimeConnection, stream, types.request, request)
    })
    clearTimeout(late)
    this.#calls.delete(stream)
    if (problem !== undefined) throw new Error(problem)
  }

  close(): void {
    this.#socket.destroy()
  }

  #send(connection: number, stream: number, type: number, message: Uint8Array): void {
    const head = Buffer.alloc(frameHead + messageHead)
    head.writeUInt32BE(connection, 0)
    head.writeUInt32BE(messageHead + message.length, 4)
    head.writeUInt32BE(message.length, frameHead)
    head.writeUInt32BE(stream, frameHead + 4)
    head[frameHead + 8] = type
    this.#socket.write(Buffer.concat([head, message]))
  }

  #receive(bytes: Buffer): void {
    const received = this.#received
    received.push(bytes)
    while (received.length >= frameHead) {
      const length = received.readUInt32BE(4)
      if (length > messageHead + messageMax) throw new Error(`a frame has ${length} bytes`)
      if (received.length < frameHead + length) return
      const connection = received.readUInt32BE(0)
      this.#frame(connection, received.take(frameHead + length).subarray(frameHead))
    }
  }

  /** A frame is any part of the stream of messages of its connection. */
  #frame(connection: number, frame: Buffer): void {
    const stream = this.#streams.get(connection)
    if (stream === undefined) return
    stream.push(frame)
    while (stream.length >= messageHead) {
      const length = stream.readUInt32BE(0)
      if (length > messageMax) throw new Error(`a message has ${length} bytes`)
      if (stream.length < messageHead + length) return
      this.#message(stream.take(messageHead + length))
    }
  }

  #message(message: Buffer): void {
    const stream = message.readUInt32BE(4)
    const body = message.subarray(messageHead)
    const type = message[8]
    if (type === types.request) void this.#serve(stream, body)
    if (type === types.response) {
      const { status } = ttrpcResponse.decode(body)
      const { code = 0, message: problem = '' } = status ?? {}
      this.#calls.get(stream)?.(code === 0 ? undefined : problem)
    }
  }

  async #serve(stream: number, body: Buffer): Promise<void> {
    try {
      const { method = '', payload = '' } = ttrpcRequest.decode(body)
      const answer = await this.#answer(method, Buffer.from(payload, 'base64'))
      const response =
        answer === undefined
          ? { status: { code: unimplemented, message: `no procedure ${method}` } }
          : { payload: Buffer.from(answer).toString('base64') }
      this.#send(pluginConnection, stream, types.response, ttrpcResponse.encode(response))
    } catch (error) {
      this.#socket.destroy(error as Error)
    }
  }
}
