import type { SourcePosition } from './source-position.ts'

/** {@link Platform} for browsers: there are no files, and stacks of calls differ. */

export { positionsOf } from './positions-of.ts'

export function readFile(path: string): Uint8Array {
  throw new Error(`a browser has no file ${path}`)
}

export function callerPosition(): SourcePosition | undefined {
  return undefined
}

export function positionText({ text }: SourcePosition): string {
  return text ?? ''
}
