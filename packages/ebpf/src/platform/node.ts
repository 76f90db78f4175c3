import { readFileSync } from 'node:fs'

/** {@link Platform} for Node.js. */

export { callerPosition, positionText } from './caller-position.ts'

export function readFile(path: string): Uint8Array {
  return readFileSync(path)
}
