import { type OutputStatus, Outputs, readOutput } from '@tetragon-ts/outputs'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { pause } from '@tetragon-ts/service/timers'
import { readEventLine } from '../recorded/event-lines.ts'
import type { Recording, ReplaySummary } from './recording.ts'

/** Bytes in the queue from which on the replay waits. */
const waitingMax = 4 << 20
const waitMs = 2
/** How long an output may take to complete its files, in milliseconds. */
const finishMs = 30_000

/** Who sends the events. */
export interface Sender {
  readonly nodeName: string
  readonly version: string
  warn(message: string): void
}

/**
 * Sends a recording to an output of the agent, no faster than the receiver accepts it.
 * @param text `NAME=URL`
 * @returns what has become of the events
 * @throws BadValue, or errors of filters
 */
export async function replayToOutput(
  recording: Recording,
  text: string,
  sender: Sender,
  summary: ReplaySummary,
  signal: AbortSignal,
): Promise<OutputStatus> {
  const report = (lost: number) => Buffer.from(JSON.stringify(lossEvent(lost, sender.nodeName)))
  const outputs = await Outputs.open([text], { ...sender, report, spoolFolder: undefined })
  // Less than any class may fill, and enough for a batch.
  const most = Math.min(waitingMax, readOutput(text).values.queue / 4)
  for await (const events of recording.play(readEventLine, summary.problems, signal)) {
    for (const { line } of events) {
      outputs.add(eventClass.process, line, Date.now())
      summary.events++
      if (summary.events % 64 === 0) await room(outputs, signal, most)
    }
    await room(outputs, signal, most)
  }
  await room(outputs, signal, 0)
  // Nothing waits any more, but files of the output may have to be completed.
  await outputs.finish(signal.aborted ? 0 : finishMs)
  return outputs.statuses[0]
}

/** Waits until at most some bytes wait for the receiver, which may be away for any time. */
async function room(outputs: Outputs, signal: AbortSignal, most: number): Promise<void> {
  while (outputs.statuses[0].queuedBytes > most && !signal.aborted) {
    await pause(waitMs, { signal })
  }
}

function lossEvent(lost: number, node_name: string): object {
  const rate_limit_info = { number_of_dropped_process_events: String(lost) }
  return { rate_limit_info, node_name, time: new Date().toISOString() }
}
