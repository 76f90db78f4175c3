import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, ApiError } from './api-client.ts'

/** An object of the API, with unchecked fields. */
export interface KubeObject {
  readonly metadata?: { readonly resourceVersion?: unknown }
}

/** Receives the watched objects. */
export interface ResourceHandler {
  /** All objects that exist now. */
  replace(objects: readonly KubeObject[]): void
  change(object: KubeObject): void
  remove(object: KubeObject): void
  /** A request failed; it is repeated. */
  failed(error: Error): void
}

/** The server ends a watch after this time. */
const watchSeconds = 300
/** Without changes, the server sends a bookmark about once a minute. */
const silentMs = (watchSeconds + 30) * 1000
const pageSize = 500

/** Milliseconds between two rounds. */
export interface WaitMs {
  readonly min: number
  readonly max: number
}

/** The resource version is too old: 410 Gone. */
const gone = 410

/**
 * Watches a kind of objects until the signal: lists them, then follows their changes. After a
 * failure it continues from the last resource version, or lists again if that is too old. Pauses
 * between rounds grow until a watch lasts.
 * @param path path of the resource, such as `/api/v1/pods`
 * @param selector query that selects objects, such as `fieldSelector=spec.nodeName%3Dn`
 */
export async function watchResources(
  client: ApiClient,
  path: string,
  selector: string,
  handler: ResourceHandler,
  signal: AbortSignal,
  waitMs: WaitMs = { min: 1000, max: 30_000 },
): Promise<void> {
  const watch = new ResourceWatch(client, `${path}?${selector}`, handler, signal)
  let wait = waitMs.min
  while (!signal.aborted) {
    const started = performance.now()
    let hasFailed = false
    try {
      await watch.round()
    } catch (error) {
      if (signal.aborted) return
      handler.failed(error as Error)
      hasFailed = true
    }
    const hasLasted = performance.now() - started > waitMs.max
    if (hasLasted) wait = waitMs.min
    // Without a pause, a server that ends every watch at its start would be flooded with requests.
    if (hasLasted && !hasFailed) continue
    // Agents of all nodes fail at the same time.
    await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => {})
    wait = Math.min(2 * wait, waitMs.max)
  }
}

class ResourceWatch {
  readonly #client: ApiClient
  readonly #path: string
  readonly #handler: ResourceHandler
  readonly #signal: AbortSignal
  /** The last resource version; undefined: list first. */
  #version: string | undefined

  constructor(client: ApiClient, path: string, handler: ResourceHandler, signal: AbortSignal) {
    this.#client = client
    this.#path = path
    this.#handler = handler
    this.#signal = signal
  }

  /** Lists if necessary, then watches until the server ends the watch. */
  async round(): Promise<void> {
    this.#version ??= await this.#list()
    try {
      await this.#watch(this.#version)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== gone) throw error
      this.#version = undefined
    }
  }

  /** @returns the resource version of the list */
  async #list(): Promise<string> {
    const objects: KubeObject[] = []
    let next = ''
    let version: unknown
    do {
      const query = `&limit=${pageSize}${next && `&continue=${encodeURIComponent(next)}`}`
      const answer = (await this.#client.get(this.#path + query, this.#signal)) as {
        readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown }
        readonly items?: unknown
      }
      if (!Array.isArray(answer.items)) throw new Error('the response is not a list')
      for (const item of answer.items) if (isObject(item)) objects.push(item)
      version = answer.metadata?.resourceVersion
      next = typeof answer.metadata?.continue === 'string' ? answer.metadata.continue : ''
    } while (next !== '')
    if (typeof version !== 'string') throw new Error('the list has no resourceVersion')
    this.#handler.replace(objects)
    return version
  }

  async #watch(version: string): Promise<void> {
    const query =
      `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}` +
      `&resourceVersion=${encodeURIComponent(version)}`
    for await (const line of this.#client.lines(this.#path + query, this.#signal, silentMs)) {
      const { type, object } = JSON.parse(line) as { type?: unknown; object?: unknown }
      if (!isObject(object)) throw new Error('an event of the watch has no object')
      if (type === 'ERROR') {
        const { code, message } = object as { code?: unknown; message?: unknown }
        throw new ApiError(Number(code), `${code} ${JSON.stringify(message)}`)
      }
      if (type === 'ADDED' || type === 'MODIFIED') this.#handler.change(object)
      else if (type === 'DELETED') this.#handler.remove(object)
      const next = object.metadata?.resourceVersion
      if (typeof next === 'string') this.#version = next
    }
  }
}

function isObject(value: unknown): value is KubeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
