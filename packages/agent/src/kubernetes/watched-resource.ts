import {
  type ApiClient,
  ApiError,
  type KubeObject,
  type WaitMs,
  watchFailure,
  watchResources,
} from '@tetragon-ts/kubernetes'

/** Receives messages of a watch. */
export interface WatchLog {
  info(message: string): void
  warning(message: string): void
}

/** A resource of the API server, and what becomes of its objects. */
export interface WatchedResource<Item> {
  /** Name for messages and rights, such as `tracingpolicies.cilium.io`. */
  readonly name: string
  readonly path: string
  readonly selector: string
  /** Consequence of a failure, for messages. */
  readonly effect: string
  /** What to keep of an object; undefined: it is ignored. */
  read(object: KubeObject): Item | undefined
  /** All that exist now. */
  replace(items: readonly Item[]): void
  change(item: Item): void
  remove(item: Item): void
}

/** Statuses that do not change soon: the resource is unknown, or not allowed. */
const settled = new Set([403, 404])

/**
 * Watches a resource until the signal. Its failures are logged once per outage; a resource that the
 * API server does not have is none.
 * @returns a promise that is fulfilled when the objects are known, or when the API server says that
 *   they will not be known soon
 */
export function watchResource<Item>(
  client: ApiClient,
  resource: WatchedResource<Item>,
  log: WatchLog,
  signal: AbortSignal,
  waitMs?: WaitMs,
): Promise<void> {
  const { name, path, selector, effect } = resource
  return new Promise((answered) => {
    const handler = {
      read: (object: KubeObject) => resource.read(object),
      replace: (items: readonly Item[]) => {
        resource.replace(items)
        answered()
      },
      change: (item: Item) => resource.change(item),
      remove: (item: Item) => resource.remove(item),
      failed: (error: Error, isFirst: boolean) => {
        const status = error instanceof ApiError ? error.status : undefined
        if (status === 404 && isFirst) {
          log.info(`watch ${name} in the API server: their CRD is not installed; trying again`)
        } else if (isFirst) {
          log.warning(`${watchFailure(name, error)}; ${effect}`)
        }
        if (status !== undefined && settled.has(status)) answered()
      },
    }
    // It ends with the signal, and never fails.
    void watchResources(client, path, selector, handler, signal, waitMs)
  })
}
