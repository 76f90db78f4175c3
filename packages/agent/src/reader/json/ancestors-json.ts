import type { Process } from '../../processes/process.ts'
import type { EventBuffer } from './event-buffer.ts'
import { writeProcess } from './process-json.ts'
import type { WallClock } from './wall-clock.ts'

/** With arguments of megabytes ancestors could make an event larger than anybody takes. */
const bytesMax = 1 << 20

/**
 * Writes the JSON field `ancestors`, a comma before it; nothing if there are none. Once they take
 * a megabyte, farther ones are left out.
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
