import { readFileSync } from 'node:fs'

/** {@link Platform} for Node.js. */

export { callerPosition, positionText } from './caller-position.ts'

export function readFile(path: string): Uint8Array {
  return readFileSync(path)
}

export function positionsOf(pattern: Uint8Array, bytes: Uint8Array): number[] {
  const found: number[] = []
  if (pattern.length === 0) return found
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = all.indexOf(pattern); at >= 0; at = all.indexOf(pattern, at + 1)) found.push(at)
  return found
}
