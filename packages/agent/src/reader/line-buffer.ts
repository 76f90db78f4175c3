import { type ClassCounts, type EventClass, noCounts } from '@tetragon-ts/outputs/queue'
import { ByteWriter } from '../bytes/byte-writer.ts'

const newline = 0x0a

/** Lines of events with their classes. */
export class LineBuffer extends ByteWriter {
  #runs: LineRun[] = []

  /** A line of this class ends here. */
  endLine(eventClass: EventClass): void {
    addLines(this.#runs, eventClass, this.length)
  }

  /** Removes the last line, which begins at `from`. */
  dropLine(from: number): void {
    this.length = from
    const last = this.#runs.at(-1)
    if (last === undefined) return
    last.to = from
    if (--last.lines === 0) this.#runs.pop()
  }

  /** Classes of the lines. A receiver may keep them until the buffer is cleared, and after that. */
  get runs(): readonly LineRun[] {
    return this.#runs
  }

  /** Class of the last line. */
  get lastClass(): EventClass {
    return this.#runs[this.#runs.length - 1].eventClass
  }

  override clear(): void {
    super.clear()
    this.#runs = []
  }
}

/** Consecutive lines, or messages, of one class in a buffer. */
export interface LineRun {
  readonly eventClass: EventClass
  /** End of the last one; the first begins at the end of the run before. */
  to: number
  lines: number
}

/** Number of lines by class. */
export function linesOf(runs: readonly LineRun[]): number[] {
  const counts = noCounts()
  for (const { eventClass, lines } of runs) counts[eventClass] += lines
  return counts
}

/** Number of bytes by class. @param from start of the first run */
export function bytesOf(runs: readonly LineRun[], from: number): ClassCounts {
  const counts = noCounts()
  let start = from
  for (const { eventClass, to } of runs) {
    counts[eventClass] += to - start
    start = to
  }
  return counts
}

/** Adds lines to runs. */
export function addLines(runs: LineRun[], eventClass: EventClass, to: number, lines = 1): void {
  const last = runs.at(-1)
  if (last?.eventClass === eventClass) {
    last.to = to
    last.lines += lines
  } else {
    runs.push({ eventClass, to, lines })
  }
}

/**
 * The lines that do not end before a position, which may be within a line.
 * @param from start of the first run
 */
export function runsAfter(
  runs: readonly LineRun[],
  bytes: Buffer,
  from: number,
  position: number,
): LineRun[] {
  const after: LineRun[] = []
  let start = from
  for (const run of runs) {
    const done = position > start ? countLines(bytes, start, Math.min(position, run.to)) : 0
    if (run.to > position) after.push({ ...run, lines: run.lines - done })
    start = run.to
  }
  return after
}

/** Counts whole lines. */
export function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; lines++) {
    const end = bytes.indexOf(newline, at)
    if (end < 0 || end >= to) return lines
    at = end + 1
  }
  return lines
}
