import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { codecOf, type MessageOf } from '@tetragon-ts/api'
import { Changes } from '../../../testing/changes.ts'
import { ExportLogsRequest, ExportLogsResponse, type LogRecord } from '../log-messages.ts'

/** A call that arrived. */
export interface ArrivedCall {
  readonly headers: IncomingHttpHeaders
  readonly records: readonly MessageOf<typeof LogRecord>[]
}

/** What the server does with a call. */
export type GrpcReaction = (stream: ServerHttp2Stream, call: ArrivedCall) => void

const answerHeaders = { ':status': 200, 'content-type': 'application/grpc' }

/** A server of gRPC that a test controls, down to its frames. */
export class TestGrpc {
  readonly changes = new Changes()
  readonly calls: ArrivedCall[] = []
  /** Bodies of all records that were accepted. */
  readonly accepted: string[] = []
  /** Reactions to the next calls; each later one is accepted. */
  reactions: GrpcReaction[] = []
  otherwise: GrpcReaction = (stream, call) => this.accept(stream, call)
  connections = 0
  port = 0
  readonly #tls: SecureServerOptions | undefined
  #server: Http2Server | Http2SecureServer | undefined
  readonly #sockets = new Set<Socket>()

  constructor(tls?: SecureServerOptions) {
    this.#tls = tls
  }

  /** Listens on a new port, or on the same one again. */
  async listen(): Promise<void> {
    const server = this.#tls === undefined ? createServer() : createSecureServer(this.#tls)
    this.#server = server
    server.on('stream', async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on('error', () => {})
      const body = await buffer(stream).catch(() => undefined)
      if (body === undefined) return
      const call = { headers, records: recordsOf(body) }
      this.calls.push(call)
      const react = this.reactions.shift() ?? this.otherwise
      react(stream, call)
      this.changes.note()
    })
    server.on('session', () => this.connections++)
    server.on('sessionError', () => {})
    server.on(this.#tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      socket.on('error', () => {})
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    await once(server.listen(this.port, '127.0.0.1'), 'listening')
    this.port = (server.address() as AddressInfo).port
  }

  /** Accepts all records, except for some. */
  accept(stream: ServerHttp2Stream, { records }: ArrivedCall, rejected = 0): void {
    this.accepted.push(...records.slice(rejected).map(({ body }) => body?.stringValue ?? ''))
    const partialSuccess = { rejectedLogRecords: rejected, errorMessage: 'too \x1b[2Jold' }
    answer(stream, codecOf(ExportLogsResponse).encode(rejected > 0 ? { partialSuccess } : {}))
  }

  /** Ends all connections without warning, and listens no more. */
  async die(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    if (server) await new Promise((resolve) => server.close(resolve))
  }
}

/** Answers with a message and a success. */
export function answer(stream: ServerHttp2Stream, message: Uint8Array): void {
  stream.respond(answerHeaders, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.concat([frameHead(0, message.length), message]))
}

/** Answers with a status. */
export function grpcStatus(code: number, more: Record<string, string> = {}): GrpcReaction {
  return (stream) => {
    stream.respond({ ...answerHeaders, 'grpc-status': String(code), ...more }, { endStream: true })
  }
}

function frameHead(flag: number, length: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flag)
  head.writeUInt32BE(length, 1)
  return head
}

/** @throws Error if the body is not one message */
function recordsOf(body: Buffer): MessageOf<typeof LogRecord>[] {
  if (body.readUInt32BE(1) !== body.length - 5) throw new Error('the body is not one message')
  const message = body[0] === 1 ? gunzipSync(body.subarray(5)) : body.subarray(5)
  const { resourceLogs = [] } = codecOf(ExportLogsRequest).decode(message)
  return resourceLogs.flatMap(({ scopeLogs = [] }) => {
    return scopeLogs.flatMap(({ logRecords = [] }) => logRecords)
  })
}
