import type { SourcePosition } from './source-position.ts'

/**
 * Differences between Node.js and browsers. `#ebpf-platform` in package.json selects the module:
 * `node.ts`, or `web.ts` for browsers, where programs are compiled but not loaded.
 */
export interface Platform {
  /** The bytes of a file. @throws Error with the reason */
  readFile(path: string): Uint8Array
  /** A caller outside the language itself: the line of the kernel program. */
  callerPosition(): SourcePosition | undefined
  /** The text of a position's line, for listings and line info. */
  positionText(position: SourcePosition): string
  /** Where a pattern is in bytes, ascending; nowhere if it is empty. */
  positionsOf(pattern: Uint8Array, bytes: Uint8Array): number[]
}
