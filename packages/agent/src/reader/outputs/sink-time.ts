import { setImmediate as turn } from 'node:timers/promises'
import type { Sink } from './sink.ts'

/**
 * How long an idle reader lets the event loop wait for a sink, in milliseconds: at most its sleep
 * between reads.
 */
const quietMs = 2
/** Size of the queue, in bytes, from which a busy reader interrupts its work for the sink. */
const worthwhile = 1 << 20
/** How long a busy reader waits for a queue that is half full and shrinking. */
const crowdedMs = 1
/** Time limits for writing at the end, in milliseconds: without progress, and in total. */
const stalledMs = 2000
const finishMs = 10_000

/**
 * Gives a sink the time that it needs of the reader's thread. A slow or stalled receiver gets no
 * more: the reader waits for progress only if there was some since the last time.
 * @param isBusy whether there is more to read
 */
export async function giveTime(sink: Sink, isBusy: boolean): Promise<void> {
  if (isBusy && sink.queuedBytes < worthwhile) return
  sink.proceed()
  const { pending } = sink
  if (isBusy && sink.isCrowded) {
    if (!hasProgress(sink)) return pending && turn()
    await sleep(crowdedMs, undefined)
    sink.proceed()
  } else if (pending !== undefined) {
    await (isBusy ? turn() : sleep(quietMs, pending))
  }
}

const seen = new WeakMap<Sink, number>()

/** Whether something was written since the last call. */
function hasProgress(sink: Sink): boolean {
  const before = seen.get(sink) ?? 0
  seen.set(sink, sink.writtenBytes)
  return sink.writtenBytes > before
}

/**
 * Waits until everything is written, within the time limits.
 * @param patienceMs time limit without progress
 * @throws SinkClosed
 */
export async function finishWriting(sink: Sink, patienceMs = stalledMs): Promise<void> {
  const began = performance.now()
  let progressAt = began
  hasProgress(sink)
  while (sink.queuedBytes > 0 || sink.pending !== undefined) {
    const now = performance.now()
    if (hasProgress(sink)) progressAt = now
    if (now - progressAt > patienceMs || now - began > finishMs) return
    sink.proceed()
    await sleep(quietMs, sink.pending)
  }
}

/** Waits for some milliseconds, or until the work is done. */
function sleep(ms: number, work: Promise<void> | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    work?.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
