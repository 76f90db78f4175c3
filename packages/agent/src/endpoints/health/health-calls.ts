import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { Health, type HealthCheckResponse, serviceDefinition } from '@tetragon-ts/api'
import { isServiceName, type ServiceName, type ServiceStatuses } from './agent-health.ts'

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
  readonly #watches = new Map<ServerHttp2Stream, ServiceName>()
  #statuses: ServiceStatuses

  constructor(statuses: ServiceStatuses) {
    this.#statuses = statuses
  }

  /** A new status goes to all watches of its service. */
  set statuses(statuses: ServiceStatuses) {
    const before = this.#statuses
    this.#statuses = statuses
    for (const [watch, service] of this.#watches) {
      if (statuses[service] !== before[service]) watch.write(framed(statuses[service]))
    }
  }

  /** Answers a stream. Never rejected. */
  async answer(stream: ServerHttp2Stream, request: IncomingHttpHeaders): Promise<void> {
    // It ends with an error if the client resets it, or its connection.
    stream.on('error', () => {})
    try {
      const { method, service } = await readCall(stream, request)
      if (stream.destroyed) return
      if (method === 'Watch') this.#watch(stream, service)
      else if (isServiceName(service)) answerOnce(stream, this.#statuses[service])
      else throw new CallError(codes.notFound, `check health: unknown service ${service}`)
    } catch (error) {
      if (!stream.destroyed) refuse(stream, error)
    }
  }

  /** Ends all watches. */
  close(): void {
    for (const watch of this.#watches.keys()) watch.end()
  }

  /** A watch of an unknown service stays open: the service may appear later. */
  #watch(stream: ServerHttp2Stream, service: string): void {
    respond(stream)
    if (!isServiceName(service)) {
      stream.write(framed('SERVICE_UNKNOWN'))
      return
    }
    stream.write(framed(this.#statuses[service]))
    this.#watches.set(stream, service)
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

function answerOnce(stream: ServerHttp2Stream, status: HealthCheckResponse['status']): void {
  respond(stream)
  stream.end(framed(status))
}

/** A response without a message. */
function refuse(stream: ServerHttp2Stream, error: unknown): void {
  const code = error instanceof CallError ? error.code : codes.internal
  const message = encodeURIComponent((error as Error).message.toWellFormed())
  stream.respond({ ...headers, 'grpc-status': code, 'grpc-message': message }, { endStream: true })
}
