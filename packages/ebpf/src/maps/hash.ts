import { mapFlag } from './map-type.ts'
import type { MapOptions, MapSpec, PerCpuMapSpec } from './spec.ts'

export interface HashOptions<K, V> extends MapOptions<K, V> {
  /**
   * Take the memory of all entries at once (true when absent). Without it entries are allocated
   * as they come: less memory for a table that is rarely full, at some cost per new entry.
   * Kernels before 6.1 refuse such maps to programs of perf events, kprobes in NMI and the like.
   */
  readonly preallocate?: boolean
}

const flagsOf = (preallocate = true): number => (preallocate ? 0 : mapFlag.noPrealloc)

/** A hash table. An update beyond `maxEntries` fails with E2BIG. */
export function hashMap<K, V>(
  name: string,
  { key, value, maxEntries, preallocate }: HashOptions<K, V>,
): MapSpec<K, V> {
  return { name, type: 'hash', key, value, maxEntries, flags: flagsOf(preallocate) }
}

/** A hash table that drops what was not used for longest (about: the lists are per CPU). */
export function lruHashMap<K, V>(
  name: string,
  {
    key,
    value,
    maxEntries,
    entriesPerCpu = 0,
  }: MapOptions<K, V> & { readonly entriesPerCpu?: number },
): MapSpec<K, V> {
  return { name, type: 'lruHash', key, value, maxEntries, entriesPerCpu, flags: 0 }
}

/** A hash table with one value per CPU. */
export function perCpuHashMap<K, V>(
  name: string,
  { key, value, maxEntries, preallocate }: HashOptions<K, V>,
): PerCpuMapSpec<K, V> {
  const flags = flagsOf(preallocate)
  return { name, type: 'perCpuHash', key, value, maxEntries, flags, perCpu: true }
}

/** A hash table with one value per CPU that drops what was not used for longest. */
export function lruPerCpuHashMap<K, V>(
  name: string,
  { key, value, maxEntries }: MapOptions<K, V>,
): PerCpuMapSpec<K, V> {
  return { name, type: 'lruPerCpuHash', key, value, maxEntries, flags: 0, perCpu: true }
}

/**
 * A table of prefixes: a lookup finds the entry with the longest prefix of the key. The key is a
 * record whose first field is a u32 with the number of significant bits, then the data in network
 * order (struct bpf_lpm_trie_key_u8).
 */
export function lpmTrie<K, V>(
  name: string,
  { key, value, maxEntries }: MapOptions<K, V>,
): MapSpec<K, V> {
  return { name, type: 'lpmTrie', key, value, maxEntries, flags: mapFlag.noPrealloc }
}
