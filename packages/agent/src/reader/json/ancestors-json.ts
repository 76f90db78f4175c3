import type { Process } from '../../processes/process.ts'
import type { EventBuffer, WallClock } from './event-lines.ts'
import { writeProcess } from './process-json.ts'

/** Ancestors with arguments of megabytes could make an event too large for receivers. */
const bytesMax = 1 << 20

/**
 * Writes the JSON field `ancestors`, with a leading comma; nothing if there are none. Beyond the
 * maximum and beyond a megabyte, more distant ancestors are omitted, and `ancestors_truncated` is
 * written.
 * @param max maximum number of ancestors
 */
export function writeAncestors(
  out: EventBuffer,
  ancestors: readonly Process[],
  clock: WallClock,
  max: number,
): void {
  if (ancestors.length === 0) return
  const from = out.length
  out.latin1(',"ancestors":[')
  let written = 0
  for (const process of ancestors) {
    if (written === max || out.length - from > bytesMax) break
    if (written > 0) out.byte(0x2c)
    writeProcess(out, process, clock, true)
    written++
  }
  out.byte(0x5d)
  if (written < ancestors.length) out.latin1(',"ancestors_truncated":true')
}
