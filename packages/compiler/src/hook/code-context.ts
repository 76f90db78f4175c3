import type { Bytes, Code } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'

/** What code needs besides its values, in programs of hooks and in those of process sets. */
export interface CodeContext {
  readonly k: Code
  /**
   * A piece of the program's scratch memory.
   * @param shared pieces with the same name share memory: for values that are not kept
   */
  scratch(size: number, shared?: string): Bytes
  /** Declares a map with its initial entries. */
  map<K, V>(spec: MapSpec<K, V>, entries: readonly (readonly [K, V])[]): MapSpec<K, V>
}
