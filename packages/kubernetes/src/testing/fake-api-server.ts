import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An object with a name, and perhaps a namespace. */
export interface FakeObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

/** What happens to requests of a path: the status of the response, or none. */
export type Misbehaviour = number | 'silent' | 'reset'

interface Change {
  readonly path: string
  readonly version: number
  readonly line: string
}

interface Watcher {
  readonly path: string
  readonly response: ServerResponse
}

/** An API server with objects in memory. It fails on demand, which a real one cannot do. */
export class FakeApiServer {
  /** By path; all other requests are answered. */
  readonly misbehaviour = new Map<string, Misbehaviour>()
  /** The paths of all requests, lists and watches. */
  readonly requests: string[] = []
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
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Creates or replaces an object. */
  set(path: string, object: FakeObject): void {
    const objects = this.#of(path)
    const type = objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED'
    objects.set(keyOf(object), object)
    this.#send(path, type, object)
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

  /** The number of open watches of a path. */
  watches(path: string): number {
    return [...this.#watchers].filter((watcher) => watcher.path === path).length
  }

  /** Resets all connections. */
  reset(): void {
    this.#server.closeAllConnections()
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
    if (type !== 'ERROR') this.#changes.push({ path, version, line })
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.response.write(line)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.url)
    const path = url.pathname
    this.requests.push(path)
    const wrong = this.misbehaviour.get(path)
    if (wrong === 'silent') return
    if (wrong === 'reset') {
      request.socket.destroy()
    } else if (wrong !== undefined) {
      response.writeHead(wrong).end(JSON.stringify({ message: `refused with ${wrong}` }))
    } else if (url.searchParams.has('watch')) {
      const watcher = { path, response }
      this.#watchers.add(watcher)
      response.on('close', () => this.#watchers.delete(watcher))
      const since = Number(url.searchParams.get('resourceVersion'))
      const missed = this.#changes.filter((each) => each.path === path && each.version > since)
      response.flushHeaders()
      for (const { line } of missed) response.write(line)
    } else {
      const items = [...this.#of(path).values()]
      const metadata = { resourceVersion: String(this.#version) }
      response.end(JSON.stringify({ metadata, items }))
    }
  }
}

function keyOf({ metadata }: FakeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
