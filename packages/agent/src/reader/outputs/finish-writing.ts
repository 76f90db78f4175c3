import { pauseUntil } from '@tetragon-ts/service/timers'
import type { Sink } from './sink.ts'

/** How long to wait for pending work before a look at the sink, in milliseconds. */
const lookMs = 2
/** Time limits for writing at the end, in milliseconds: without progress, and in total. */
const stalledMs = 2000
const finishMs = 10_000

/**
 * Waits until everything is written, within the time limits.
 * @param patienceMs time limit without progress
 * @throws SinkClosed
 */
export async function finishWriting(sink: Sink, patienceMs = stalledMs): Promise<void> {
  const began = performance.now()
  let progressAt = began
  let written = sink.writtenBytes
  while (sink.queuedBytes > 0 || sink.pending !== undefined) {
    const now = performance.now()
    if (sink.writtenBytes > written) {
      progressAt = now
      written = sink.writtenBytes
    }
    if (now - progressAt > patienceMs || now - began > finishMs) return
    sink.proceed()
    await pauseUntil(sink.pending, lookMs)
  }
}
