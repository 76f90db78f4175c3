import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ApiClient } from '../api-client.ts'
import type { Fields } from '../object-fields.ts'
import { type FakeObject, type FakeRequest, keyOf, readRequest } from './fake-request.ts'

/** What happens to a request: the status of the response, also with its message, or none. */
export type Misbehaviour = number | Refusal | 'silent' | 'reset'

interface Refusal {
  readonly status: number
  readonly message: string
}

/** An object with metadata of any content. */
interface OddObject {
  readonly metadata: object
  readonly [field: string]: unknown
}

interface Change {
  readonly path: string
  readonly namespace: string
  readonly version: number
  readonly line: string
}

interface Watcher {
  readonly path: string
  /** Of the objects; empty: all. */
  readonly namespace: string
  readonly response: ServerResponse
}

const established = { conditions: [{ type: 'Established', status: 'True' }] }

/**
 * An API server with objects in memory: lists in pages, watches, versions, conflicts and dry runs.
 * It fails on demand, which a real one cannot do.
 */
export class FakeApiServer {
  /** By path of the folder; all other requests are answered. */
  readonly misbehaviour = new Map<string, Misbehaviour>()
  /** Decides about single requests; undefined: it is answered. */
  intercept: (request: FakeRequest) => Misbehaviour | undefined = () => undefined
  /** Answers of resources that only have `create`, such as reviews, by path. */
  readonly reviews = new Map<string, (review: Fields) => Fields>()
  readonly requests: FakeRequest[] = []
  readonly #server: Server
  readonly #objects = new Map<string, Map<string, FakeObject>>()
  readonly #watchers = new Set<Watcher>()
  readonly #changes: Change[] = []
  #version = 1

  static async start(): Promise<FakeApiServer> {
    const fake = new FakeApiServer()
    fake.#server.listen(0, '127.0.0.1')
    await once(fake.#server, 'listening')
    return fake
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  client(): ApiClient {
    return new ApiClient({
      url: new URL(this.url),
      tls: () => ({}),
      authorization: () => undefined,
    })
  }

  /** Handles requests for another protocol, such as WebSocket. */
  onUpgrade(handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
    this.#server.on('upgrade', handle)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Resets all connections. */
  reset(): void {
    this.#server.closeAllConnections()
  }

  /** Creates or replaces an object. */
  set(path: string, object: FakeObject): void {
    this.put(path, keyOf(object), object)
  }

  /** The same, for an object of any content. @returns the stored object */
  put(path: string, key: string, object: OddObject): FakeObject {
    const type = this.#of(path).has(key) ? 'MODIFIED' : 'ADDED'
    const isCrd = path.endsWith('/customresourcedefinitions')
    const metadata = { ...object.metadata, resourceVersion: `${this.#version + 1}` }
    const whole = { ...(isCrd && { status: established }), ...object, metadata }
    const stored = whole as object as FakeObject
    this.#of(path).set(key, stored)
    this.#send(path, type, stored)
    return stored
  }

  delete(path: string, object: FakeObject): void {
    this.#of(path).delete(keyOf(object))
    this.#send(path, 'DELETED', object)
  }

  /** Deletes an object unseen, and ends the watches of the path as too old. */
  expire(path: string, deleted: FakeObject): void {
    this.#of(path).delete(keyOf(deleted))
    this.#send(path, 'ERROR', { metadata: { name: '' }, code: 410, message: 'too old' })
  }

  get(path: string, key: string): FakeObject | undefined {
    return this.#of(path).get(key)
  }

  keys(path: string): string[] {
    return [...this.#of(path).keys()]
  }

  /** Requests that changed objects, without dry runs. */
  writes(path: string): FakeRequest[] {
    return this.requests.filter(
      (each) => each.path === path && each.method !== 'GET' && !each.query.has('dryRun'),
    )
  }

  /** The number of open watches of a path. */
  watches(path: string): number {
    return [...this.#watchers].filter((watcher) => watcher.path === path).length
  }

  #of(path: string): Map<string, FakeObject> {
    let objects = this.#objects.get(path)
    if (objects === undefined) {
      objects = new Map()
      this.#objects.set(path, objects)
    }
    return objects
  }

  #send(path: string, type: string, object: FakeObject): void {
    const version = ++this.#version
    const metadata = { ...object.metadata, resourceVersion: String(version) }
    const line = `${JSON.stringify({ type, object: { ...object, metadata } })}\n`
    const { namespace = '' } = object.metadata
    const change = { path, namespace, version, line }
    if (type !== 'ERROR') this.#changes.push(change)
    for (const watcher of this.#watchers) {
      if (watcher.path === path && (type === 'ERROR' || isSeen(watcher, change))) {
        watcher.response.write(line)
      }
    }
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming)
    this.requests.push(request)
    const wrong = this.misbehaviour.get(request.path) ?? this.intercept(request)
    if (wrong === 'silent') return
    if (wrong === 'reset') incoming.socket.destroy()
    else if (wrong !== undefined) refuse(response, wrong)
    else if (request.method === 'POST') this.#create(request, response)
    else if (request.method === 'PUT') this.#replace(request, response)
    else if (!request.isFolder) this.#read(request, response)
    else if (request.query.has('watch')) this.#watch(request, response)
    else this.#list(request, response)
  }

  #create({ path, key, query, body }: FakeRequest, response: ServerResponse): void {
    if (body === undefined) return refuse(response, 400)
    const review = this.reviews.get(path)
    if (review !== undefined) return answer(response, 201, { ...body, ...review(body) })
    const own = body.metadata.name
    const whole = key === '' ? own : `${key}/${own}`
    if (this.#of(path).has(whole)) refuse(response, 409)
    else
      answer(response, 201, query.has('dryRun') ? body : this.put(path, whole, inFolder(body, key)))
  }

  #replace({ path, key, isStatus, query, body }: FakeRequest, response: ServerResponse): void {
    const stored = this.#of(path).get(key)
    const isNewest = body?.metadata.resourceVersion === stored?.metadata.resourceVersion
    if (stored === undefined) return refuse(response, 404)
    if (body === undefined || !isNewest) return refuse(response, 409)
    const next = isStatus ? { ...stored, status: body.status } : body
    const whole = inFolder(next, key.split('/').slice(0, -1).join())
    answer(response, 200, query.has('dryRun') ? whole : this.put(path, key, whole))
  }

  #read({ path, key, isMetadata }: FakeRequest, response: ServerResponse): void {
    const object = this.#of(path).get(key)
    if (object === undefined) refuse(response, 404)
    else answer(response, 200, isMetadata ? { metadata: object.metadata } : object)
  }

  #watch({ path, key: namespace, query }: FakeRequest, response: ServerResponse): void {
    const watcher = { path, namespace, response }
    this.#watchers.add(watcher)
    response.on('close', () => this.#watchers.delete(watcher))
    const since = Number(query.get('resourceVersion'))
    const isMissed = (each: Change) => isSeen(watcher, each) && each.version > since
    const missed = this.#changes.filter(isMissed)
    response.flushHeaders()
    for (const { line } of missed) response.write(line)
  }

  #list({ path, key: namespace, query }: FakeRequest, response: ServerResponse): void {
    const objects = [...this.#of(path).values()]
    const all = objects.filter(
      ({ metadata }) => namespace === '' || metadata.namespace === namespace,
    )
    const from = Number(query.get('continue') ?? 0)
    const to = from + Number(query.get('limit') ?? all.length)
    const metadata = {
      resourceVersion: String(this.#version),
      ...(to < all.length && { continue: `${to}` }),
    }
    answer(response, 200, { metadata, items: all.slice(from, to) })
  }
}

function isSeen({ path, namespace }: Watcher, change: Change): boolean {
  return path === change.path && (namespace === '' || namespace === change.namespace)
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** The object with the namespace of its path, which a body may omit. */
function inFolder<T extends OddObject>(object: T, namespace: string): T {
  if (namespace === '') return object
  return { ...object, metadata: { ...object.metadata, namespace } }
}

function refuse(response: ServerResponse, refusal: number | Refusal): void {
  const { status, message } =
    typeof refusal === 'number' ? { status: refusal, message: `refused with ${refusal}` } : refusal
  answer(response, status, { message })
}
