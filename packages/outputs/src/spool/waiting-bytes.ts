import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Position, readPosition } from './position-file.ts'
import { segmentHead, segmentNumber, segmentPath } from './segment-file.ts'

/**
 * Bytes of the events in the folder of a spool that are not acknowledged. No agent may use it.
 * @throws Error of the file system
 */
export function waitingBytes(folder: string): number {
  const numbers = readdirSync(folder).map(segmentNumber)
  const segments = numbers.filter((each) => each !== undefined) as number[]
  const position = segments.length > 0 ? positionIn(folder) : undefined
  return segments.reduce((sum, number) => {
    if (position !== undefined && number < position.segment) return sum
    const acknowledged = number === position?.segment ? position.offset : 0
    const entry = lstatSync(segmentPath(folder, number), { throwIfNoEntry: false })
    const size = entry?.isFile() ? entry.size : 0
    return sum + Math.max(0, size - Math.max(acknowledged, segmentHead))
  }, 0)
}

function positionIn(folder: string): Position | undefined {
  const path = join(folder, 'position')
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  return isFile ? readPosition(readFileSync(path)) : undefined
}
