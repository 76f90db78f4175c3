import type { Codec } from '../records/codec.ts'
import { u32 } from '../records/index.ts'
import type { MapSpec } from './spec.ts'

/**
 * A map whose values are maps. User space stores the descriptor of the inner map and reads its id
 * back; a program's lookup gives the inner map itself.
 */
export interface MapOfMapsSpec<K = unknown, I extends MapSpec = MapSpec>
  extends MapSpec<K, number> {
  readonly inner: I
}

/** Maps by key. All must be like `inner`; hash tables may differ in their number of entries. */
export function hashOfMaps<K, I extends MapSpec>(
  name: string,
  {
    key,
    inner,
    maxEntries,
  }: { readonly key: Codec<K>; readonly inner: I; readonly maxEntries: number },
): MapOfMapsSpec<K, I> {
  return { name, type: 'hashOfMaps', key, value: u32, maxEntries, flags: 0, inner }
}

/** Maps by index. */
export function arrayOfMaps<I extends MapSpec>(
  name: string,
  { inner, maxEntries }: { readonly inner: I; readonly maxEntries: number },
): MapOfMapsSpec<number, I> {
  return { name, type: 'arrayOfMaps', key: u32, value: u32, maxEntries, flags: 0, inner }
}
