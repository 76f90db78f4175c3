import type { Codec } from '../records/codec.ts'
import type { MapTypeName } from './map-type.ts'

/**
 * A map as declared, without a kernel object: programs refer to it, `createMap` makes it real.
 * `K` and `V` are what user space sees of key and value.
 */
export interface MapSpec<K = unknown, V = unknown> {
  /** Shown by bpftool; the kernel keeps 15 characters. */
  readonly name: string
  readonly type: MapTypeName
  readonly key: Codec<K>
  /** One value; a per-CPU map holds one of it for each CPU. */
  readonly value: Codec<V>
  /** Entries, or bytes for a ring buffer. */
  readonly maxEntries: number
  /** More entries for each CPU that the kernel could have. */
  readonly entriesPerCpu?: number
  /** BPF_F_* of {@link mapFlag}. */
  readonly flags: number
  /** What it contains from the beginning. */
  readonly content?: readonly (readonly [K, V])[]
  /** What the maps inside of a map of maps look like. */
  readonly inner?: MapSpec
}

/** A map with one value per CPU: user space sees them as an array. */
export interface PerCpuMapSpec<K = unknown, V = unknown> extends MapSpec<K, V> {
  readonly perCpu: true
}

/** A map with these entries from the beginning. */
export function withContent<K, V>(
  spec: MapSpec<K, V>,
  content: readonly (readonly [K, V])[],
): MapSpec<K, V> {
  return { ...spec, content }
}

/** Whether a map holds one value per CPU. */
export function isPerCpu(spec: MapSpec): spec is PerCpuMapSpec {
  return 'perCpu' in spec && spec.perCpu === true
}

/** The codec of ring buffers, which have no keys and no values. */
export const nothing: Codec<undefined> = { size: 0, encode() {}, decode: () => undefined }

/** What most maps are declared with. */
export interface MapOptions<K, V> {
  readonly key: Codec<K>
  readonly value: Codec<V>
  readonly maxEntries: number
}

/** The content of a map in the kernel, for code that does not care how it got there. */
export interface MapContent<K, V> {
  /** The value of a key; undefined if it has none. */
  lookup(key: K): V | undefined
  updateAll(entries: readonly (readonly [K, V])[]): void
  delete(key: K): void
  entries(): Iterable<readonly [K, V]>
}
