import type { Bytes, Code } from '@tetragon-ts/ebpf/lang'

/** What code needs besides its values, in programs of hooks and in those of process sets. */
export interface CodeContext {
  readonly k: Code
  /**
   * A piece of the program's scratch memory.
   * @param shared pieces with the same name share memory: for values that are not kept
   */
  scratch(size: number, shared?: string): Bytes
}
