import type { Process } from '../../processes/process.ts'
import type { EventBuffer } from './event-buffer.ts'
import { writeProcess } from './process-json.ts'
import type { WallClock } from './wall-clock.ts'

/** Ancestors with arguments of megabytes could make an event too large for receivers. */
const bytesMax = 1 << 20

/**
 * Writes the JSON field `ancestors`, with a leading comma; nothing if there are none. Beyond a
 * megabyte, more distant ancestors are omitted.
 */
export function writeAncestors(
  out: EventBuffer,
  ancestors: readonly Process[],
  clock: WallClock,
): void {
  if (ancestors.length === 0) return
  const from = out.length
  out.latin1(',"ancestors":[')
  for (const [index, process] of ancestors.entries()) {
    if (out.length - from > bytesMax) break
    if (index > 0) out.byte(0x2c)
    writeProcess(out, process, clock, true)
  }
  out.byte(0x5d)
}
