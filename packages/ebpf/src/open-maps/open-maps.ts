import type { MapSpec } from '../maps/spec.ts'
import type { OpenMap } from './open-map.ts'

/**
 * Open maps by their declaration. Each has other types of keys and values; a map is found with the
 * types of its declaration, because `set` takes no other for it.
 */
export class OpenMaps implements Iterable<readonly [MapSpec, OpenMap<unknown, unknown>]> {
  readonly #maps = new Map<object, object>()

  set<K, V>(spec: MapSpec<K, V>, map: OpenMap<K, V>): this {
    this.#maps.set(spec, map)
    return this
  }

  get<K, V>(spec: MapSpec<K, V>): OpenMap<K, V> | undefined {
    return this.#maps.get(spec) as OpenMap<K, V> | undefined
  }

  delete(spec: MapSpec): void {
    this.#maps.delete(spec)
  }

  clear(): void {
    this.#maps.clear()
  }

  /** All maps, for what is the same for each. */
  get all(): ReadonlyMap<MapSpec, OpenMap<unknown, unknown>> {
    return this.#maps as object as ReadonlyMap<MapSpec, OpenMap<unknown, unknown>>
  }

  [Symbol.iterator](): Iterator<readonly [MapSpec, OpenMap<unknown, unknown>]> {
    return this.all[Symbol.iterator]()
  }
}
