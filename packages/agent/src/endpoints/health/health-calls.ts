import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { Health, type HealthCheckResponse, serviceDefinition } from '@tetragon-ts/api'
import { healthServices } from './agent-health.ts'

const { Check, Watch } = serviceDefinition(Health)

/** Status codes of gRPC. */
const codes = { ok: 0, notFound: 5, unimplemented: 12, internal: 13 }
/** Bytes before a message: whether it is compressed, and its length. */
const prefixSize = 5
/** Maximum size of a request; the longest valid one has 15 bytes. */
const requestMax = 1024
/** Time limit for a request, in milliseconds. */
const requestMs = 5000
const headers = { ':status': 200, 'content-type': 'application/grpc' }

export type ServingStatus = Extract<HealthCheckResponse['status'], string>

/** A request that is not answered with a status of the agent. */
class CallError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * The calls of `grpc.health.v1.Health` over HTTP/2: few lines do what these two calls need, with
 * limits that a server for any service does not have.
 */
export class HealthCalls {
  readonly #watches = new Set<ServerHttp2Stream>()
  #status: ServingStatus

  constructor(status: ServingStatus) {
    this.#status = status
  }

  /** A new status goes to all watches. */
  set status(status: ServingStatus) {
    if (status === this.#status) return
    this.#status = status
    for (const watch of this.#watches) watch.write(framed(status))
  }

  /** Answers a stream. Never rejected. */
  async answer(stream: ServerHttp2Stream, request: IncomingHttpHeaders): Promise<void> {
    // It ends with an error if the client resets it, or its connection.
    stream.on('error', () => {})
    try {
      const { method, service } = await readCall(stream, request)
      if (stream.destroyed) return
      const isKnown = healthServices.has(service)
      if (method === 'Watch') this.#watch(stream, isKnown)
      else if (isKnown) answerOnce(stream, this.#status)
      else throw new CallError(codes.notFound, `check health: unknown service ${service}`)
    } catch (error) {
      if (!stream.destroyed) refuse(stream, error)
    }
  }

  /** Ends all watches. */
  close(): void {
    for (const watch of this.#watches) watch.end()
  }

  /** @param isKnown otherwise the watch stays open: the service may appear later */
  #watch(stream: ServerHttp2Stream, isKnown: boolean): void {
    respond(stream)
    stream.write(framed(isKnown ? this.#status : 'SERVICE_UNKNOWN'))
    if (!isKnown) return
    this.#watches.add(stream)
    stream.once('close', () => this.#watches.delete(stream))
  }
}

/** Reads the only message of a call. @throws CallError */
async function readCall(
  stream: ServerHttp2Stream,
  request: IncomingHttpHeaders,
): Promise<{ readonly method: 'Check' | 'Watch'; readonly service: string }> {
  const path = request[':path']
  if (path !== Check.path && path !== Watch.path) {
    throw new CallError(codes.unimplemented, `call ${path}: the server has no such procedure`)
  }
  const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), requestMs)
  try {
    const body = await readBody(stream)
    const { service = '' } = Check.requestDeserialize(messageOf(body))
    return { method: path === Check.path ? 'Check' : 'Watch', service }
  } finally {
    clearTimeout(late)
  }
}

/** @throws Error if it is too large: then the stream is reset */
async function readBody(stream: ServerHttp2Stream): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    size += part.length
    if (size > requestMax) throw new Error('check health: the request is too large')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** @throws CallError */
function messageOf(body: Buffer): Buffer {
  if (body.length < prefixSize || body.readUInt32BE(1) !== body.length - prefixSize) {
    throw new CallError(codes.internal, 'check health: expected one message')
  }
  if (body[0] !== 0) {
    throw new CallError(codes.unimplemented, 'check health: compression is not supported')
  }
  return body.subarray(prefixSize)
}

function framed(status: HealthCheckResponse['status']): Buffer {
  const message = Check.responseSerialize({ status })
  const prefix = Buffer.alloc(prefixSize)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** Begins a response that ends with the status OK. */
function respond(stream: ServerHttp2Stream): void {
  stream.respond(headers, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': codes.ok }))
}

function answerOnce(stream: ServerHttp2Stream, status: ServingStatus): void {
  respond(stream)
  stream.end(framed(status))
}

/** A response without a message. */
function refuse(stream: ServerHttp2Stream, error: unknown): void {
  const code = error instanceof CallError ? error.code : codes.internal
  const message = encodeURIComponent((error as Error).message.toWellFormed())
  stream.respond({ ...headers, 'grpc-status': code, 'grpc-message': message }, { endStream: true })
}
