import {
  type ApiClient,
  fields,
  type KubeObject,
  text,
  watchResources,
} from '@tetragon-ts/kubernetes'

/** A key, `NAMESPACE/NAME`, with the digest of a content. */
export type Digest = readonly [key: string, digest: number]

/** Receives the digests of a kind of objects. */
export interface DigestHandler {
  /** All objects that exist now. */
  replace(all: Map<string, number>): void
  change(key: string, digest: number): void
  remove(key: string): void
  /** The API server has answered the watch. */
  started(): void
  failed(error: Error): void
}

/** Watches a kind of objects and keeps a digest of each; objects without a name are skipped. */
export function watchDigests(
  client: ApiClient,
  path: string,
  digest: (object: KubeObject) => number,
  handler: DigestHandler,
  signal: AbortSignal,
): Promise<void> {
  const read = (object: KubeObject): Digest | undefined => {
    const { namespace, name } = fields(fields(object).metadata)
    if (text(name) === '' || text(namespace) === '') return undefined
    return [`${namespace}/${name}`, digest(object)]
  }
  return watchResources<Digest>(
    client,
    path,
    '',
    {
      read,
      replace: (all) => handler.replace(new Map(all)),
      change: ([key, value]) => handler.change(key, value),
      remove: ([key]) => handler.remove(key),
      started: () => handler.started(),
      failed: (error) => handler.failed(error),
    },
    signal,
  )
}
