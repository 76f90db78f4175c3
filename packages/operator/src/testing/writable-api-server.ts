import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiClient, fields, text } from '@tetragon-ts/kubernetes'

/** An object with the metadata that a server needs. */
export interface StoredObject {
  metadata: Record<string, unknown>
  [member: string]: unknown
}

/** A request, with the place that its path names. */
export interface StoredRequest {
  readonly method: string
  /** Such as `/api/v1/pods`. */
  readonly resource: string
  /** `NAMESPACE/NAME`, or `NAME`; empty: the whole folder. */
  readonly key: string
  readonly query: URLSearchParams
  readonly body: StoredObject | undefined
}

interface Change {
  readonly type: string
  readonly version: number
  readonly object: StoredObject
}

const pathForm =
  /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/

const crds = '/customresourcedefinitions'
const established = { conditions: [{ type: 'Established', status: 'True' }] }

/**
 * An API server that stores what clients write: versions, conflicts, pages, watches, dry runs. For
 * what a real one cannot do on demand, `intercept` answers first.
 */
export class WritableApiServer {
  readonly requests: StoredRequest[] = []
  /** The status of a refusal; undefined: the usual answer. */
  intercept: (request: StoredRequest) => number | undefined = () => undefined
  readonly #server: Server
  readonly #resources = new Map<string, Map<string, StoredObject>>()
  readonly #changes = new Map<string, Change[]>()
  readonly #watchers = new Set<{ resource: string; response: ServerResponse }>()
  #version = 0

  static async start(): Promise<WritableApiServer> {
    const server = createServer((request, response) => void fake.#answer(request, response))
    const fake = new WritableApiServer(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return fake
  }

  private constructor(server: Server) {
    this.#server = server
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

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Ends all connections: requests on the way fail. */
  disconnect(): void {
    this.#server.closeAllConnections()
  }

  get(resource: string, key: string): StoredObject | undefined {
    return this.#objects(resource).get(key)
  }

  keys(resource: string): string[] {
    return [...this.#objects(resource).keys()]
  }

  /** Writes of a resource that were not dry runs. */
  writes(resource: string): StoredRequest[] {
    return this.requests.filter(
      (each) => each.resource === resource && each.method !== 'GET' && !each.query.has('dryRun'),
    )
  }

  /** Stores an object as it is, and reports it to watches. */
  put(resource: string, key: string, object: StoredObject): StoredObject {
    const exists = this.#objects(resource).has(key)
    const version = ++this.#version
    const metadata = { ...object.metadata, resourceVersion: `${version}` }
    const stored = { ...(resource.endsWith(crds) && { status: established }), ...object, metadata }
    this.#objects(resource).set(key, stored)
    this.#report(resource, { type: exists ? 'MODIFIED' : 'ADDED', version, object: stored })
    return stored
  }

  remove(resource: string, key: string): void {
    const object = this.#objects(resource).get(key)
    if (object === undefined) return
    this.#objects(resource).delete(key)
    this.#report(resource, { type: 'DELETED', version: ++this.#version, object })
  }

  #objects(resource: string): Map<string, StoredObject> {
    const known = this.#resources.get(resource)
    if (known !== undefined) return known
    const objects = new Map<string, StoredObject>()
    this.#resources.set(resource, objects)
    return objects
  }

  #report(resource: string, change: Change): void {
    this.#changes.set(resource, [...(this.#changes.get(resource) ?? []), change])
    for (const watcher of this.#watchers) {
      if (watcher.resource === resource) watcher.response.write(line(change))
    }
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming)
    this.requests.push(request)
    const status = this.intercept(request)
    if (status !== undefined) return refuse(response, status)
    switch (request.method) {
      case 'GET':
        return this.#read(request, response)
      case 'POST':
        return this.#create(request, response)
      default:
        return this.#replace(request, response)
    }
  }

  #read({ resource, key, query }: StoredRequest, response: ServerResponse): void {
    if (key !== '') {
      const object = this.#objects(resource).get(key)
      if (object === undefined) refuse(response, 404)
      else send(response, 200, object)
    } else if (query.has('watch')) {
      const since = Number(query.get('resourceVersion'))
      response.writeHead(200)
      response.flushHeaders()
      for (const change of this.#changes.get(resource) ?? []) {
        if (change.version > since) response.write(line(change))
      }
      const watcher = { resource, response }
      this.#watchers.add(watcher)
      response.on('close', () => this.#watchers.delete(watcher))
    } else {
      const from = Number(query.get('continue') ?? 0)
      const to = from + Number(query.get('limit') ?? Number.POSITIVE_INFINITY)
      const all = [...this.#objects(resource).values()]
      const next = to < all.length ? { continue: `${to}` } : {}
      const metadata = { resourceVersion: `${this.#version}`, ...next }
      send(response, 200, { metadata, items: all.slice(from, to) })
    }
  }

  #create({ resource, key, query, body }: StoredRequest, response: ServerResponse): void {
    if (body === undefined) return refuse(response, 400)
    const { name } = body.metadata
    const whole = key === '' ? text(name) : `${key}/${text(name)}`
    if (this.#objects(resource).has(whole)) return refuse(response, 409)
    send(response, 201, query.has('dryRun') ? body : this.put(resource, whole, body))
  }

  #replace({ resource, key, query, body }: StoredRequest, response: ServerResponse): void {
    const stored = this.#objects(resource).get(key)
    if (stored === undefined) return refuse(response, 404)
    const version = fields(body?.metadata).resourceVersion
    if (body === undefined || version !== stored.metadata.resourceVersion) {
      return refuse(response, 409)
    }
    send(response, 200, query.has('dryRun') ? body : this.put(resource, key, body))
  }
}

async function readRequest(incoming: IncomingMessage): Promise<StoredRequest> {
  const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://server')
  const [, prefix = '', namespace, plural = '', name] = pathForm.exec(pathname) ?? []
  let content = ''
  for await (const piece of incoming.setEncoding('utf8')) content += piece
  const parts = [namespace, name].filter((each) => each !== undefined)
  return {
    method: incoming.method ?? '',
    resource: `${prefix}/${plural}`,
    // The folder of a namespace is asked for to create objects only.
    key: parts.map(decodeURIComponent).join('/'),
    query: searchParams,
    body: content === '' ? undefined : (JSON.parse(content) as StoredObject),
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number): void {
  send(response, status, {
    kind: 'Status',
    status: 'Failure',
    message: `fake ${status}`,
    code: status,
  })
}

function line({ type, object }: Change): string {
  return `${JSON.stringify({ type, object })}\n`
}
