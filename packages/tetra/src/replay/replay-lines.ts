import { Readable, type Writable } from 'node:stream'
import { type PumpEnd, pump } from '../events/pump.ts'
import { type EventLine, readEventLine } from '../recorded/event-lines.ts'
import type { Recording, ReplaySummary } from './recording.ts'

const lineEnd = Buffer.from('\n')
const unchanged = { push: (chunk: Buffer) => chunk, end: () => '' }

/** Writes the lines of a recording, as they are in the files. */
export async function replayLines(
  recording: Recording,
  output: Writable,
  summary: ReplaySummary,
  signal: AbortSignal,
): Promise<PumpEnd> {
  async function* chunks(): AsyncGenerator<Buffer> {
    const played = recording.play(readEventLine, summary.problems, signal)
    for await (const events of played) {
      yield textOf(events)
      summary.events += events.length
    }
  }
  return pump(Readable.from(chunks(), { objectMode: true, highWaterMark: 1 }), output, unchanged)
}

function textOf(events: readonly EventLine[]): Buffer {
  return Buffer.concat(events.flatMap(({ line }) => [line, lineEnd]))
}
