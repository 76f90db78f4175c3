import { setImmediate as turn } from 'node:timers/promises'
import type { Sink } from './sink.ts'

/**
 * How long a reader that has nothing else to do lets the event loop wait for a sink, in
 * milliseconds: no longer than it would rest.
 */
const quietMs = 2
/** How long a reader with more to read waits for a queue that is half full and gets shorter. */
const crowdedMs = 1
/** How long writing may take after the end, without progress and in all, in milliseconds. */
const stalledMs = 2000
const finishMs = 10_000

/**
 * Lets a sink have the time that it needs of the reader's thread. A receiver that is slow or
 * stalled gets nothing beyond that: the reader waits for progress only where there was some since
 * last time.
 * @param isBusy whether there is more to read
 */
export async function giveTime(sink: Sink, isBusy: boolean): Promise<void> {
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

/** Whether something was written since this was asked last. */
function hasProgress(sink: Sink): boolean {
  const before = seen.get(sink) ?? 0
  seen.set(sink, sink.writtenBytes)
  return sink.writtenBytes > before
}

/**
 * Waits until all is written, as long as that proceeds and is not too much.
 * @param patienceMs how long to wait without progress
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

/** Waits for some milliseconds, or until some work is done. */
function sleep(ms: number, work: Promise<void> | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    work?.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
