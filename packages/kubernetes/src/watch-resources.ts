import { Backoff, type BackoffMs } from '@tetragon-ts/service/retry'
import type { ApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'
import { listPages } from './list-pages.ts'
import { text } from './object-fields.ts'

// A client of our own, since each package that the privileged agent loads must be trusted. A watch
// continues from the last version after a failure, and lists again if that is too old. It is given
// up after 330 s without data, since the server ends it after 300 s. Pauses have a random part,
// because the agents of all nodes fail at the same time.

/** An object of the API, with unchecked fields. */
export interface KubeObject {
  readonly metadata?: { readonly resourceVersion?: unknown }
}

/** Receives the watched objects. */
export interface ResourceHandler<Item = KubeObject> {
  /**
   * What to keep of an object; undefined: nothing, the object is skipped. Without it, handlers get
   * the objects themselves, and a list needs memory for all of them.
   */
  readonly read?: (object: KubeObject) => Item | undefined
  /** All objects that exist now. */
  replace(items: readonly Item[]): void
  change(item: Item): void
  remove(item: Item): void
  /** The API server has answered the watch. Changes may follow much later. */
  started?(): void
  /**
   * A request failed; it is repeated.
   * @param isFirst whether the request before it succeeded
   */
  failed(error: Error, isFirst: boolean): void
}

/** The server ends a watch after this time. */
const watchSeconds = 300
/** Old servers send no data between two changes, except a bookmark before they end the watch. */
const silentMs = (watchSeconds + 30) * 1000

/** Waits of a watch, in milliseconds: pauses between two rounds. */
export interface WaitMs extends BackoffMs {
  /** Maximum time without data in a watch. */
  readonly silent?: number
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
export async function watchResources<Item = KubeObject>(
  client: ApiClient,
  path: string,
  selector: string,
  handler: ResourceHandler<Item>,
  signal: AbortSignal,
  waitMs: WaitMs = { min: 1000, max: 30_000 },
): Promise<void> {
  const silent = waitMs.silent ?? silentMs
  const watch = new ResourceWatch<Item>(client, `${path}?${selector}`, handler, signal, silent)
  const backoff = new Backoff(waitMs)
  while (!signal.aborted) {
    const started = performance.now()
    let hasFailed = false
    try {
      await watch.round()
    } catch (error) {
      if (signal.aborted) return
      watch.fail(error as Error)
      hasFailed = true
    }
    const hasLasted = performance.now() - started > waitMs.max
    if (hasLasted) backoff.reset()
    // Without a pause, a server that ends every watch at its start would be flooded with requests.
    if (hasLasted && !hasFailed) continue
    await backoff.pause({ signal })
  }
}

class ResourceWatch<Item> {
  readonly #client: ApiClient
  readonly #path: string
  readonly #handler: ResourceHandler<Item>
  readonly #read: (object: KubeObject) => Item | undefined
  readonly #signal: AbortSignal
  readonly #silentMs: number
  /** The last resource version; undefined: list first. */
  #version: string | undefined
  #isFailing = false

  constructor(
    client: ApiClient,
    path: string,
    handler: ResourceHandler<Item>,
    signal: AbortSignal,
    silentMs: number,
  ) {
    this.#client = client
    this.#path = path
    this.#handler = handler
    // Without `read`, items are the objects themselves.
    this.#read = handler.read ?? ((object) => object as Item)
    this.#signal = signal
    this.#silentMs = silentMs
  }

  fail(error: Error): void {
    this.#handler.failed(error, !this.#isFailing)
    this.#isFailing = true
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
    const items: Item[] = []
    let version = ''
    for await (const page of listPages(this.#client, this.#path, this.#signal)) {
      for (const object of page.objects) {
        const item = isObject(object) ? this.#read(object) : undefined
        if (item !== undefined) items.push(item)
      }
      version = page.version
    }
    if (version === '') throw new Error('the list has no resourceVersion')
    this.#isFailing = false
    this.#handler.replace(items)
    return version
  }

  async #watch(version: string): Promise<void> {
    const query =
      `&watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}` +
      `&resourceVersion=${encodeURIComponent(version)}`
    const started = (): void => this.#handler.started?.()
    const lines = this.#client.lines(this.#path + query, this.#signal, this.#silentMs, started)
    for await (const line of lines) {
      const { type, object } = JSON.parse(line) as { type?: unknown; object?: unknown }
      if (!isObject(object)) throw new Error('an event of the watch has no object')
      if (type === 'ERROR') {
        const { code, message } = object as { code?: unknown; message?: unknown }
        throw new ApiError(Number(code), `${code} ${JSON.stringify(message)}`)
      }
      this.#isFailing = false
      const isChange = type === 'ADDED' || type === 'MODIFIED'
      const item = isChange || type === 'DELETED' ? this.#read(object) : undefined
      if (item !== undefined) {
        if (isChange) this.#handler.change(item)
        else this.#handler.remove(item)
      }
      const next = text(object.metadata?.resourceVersion)
      if (next !== '') this.#version = next
    }
  }
}

function isObject(value: unknown): value is KubeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
