/** Where finished events go: whole JSON lines, in order. Runs in the reader's thread. */
export interface Sink {
  /**
   * Writes `length` bytes of whole lines. May block.
   * @param lines how many they are
   * @throws SinkClosed when nobody can receive any more
   */
  write(bytes: Buffer, length: number, lines: number): void
  /** Lines that were written since the start, and their bytes. */
  readonly writtenEvents: number
  readonly writtenBytes: number
  /** Lines that could not be written, since the start. */
  readonly lostEvents: number
  /** Is called now and then while nothing is written. @returns milliseconds until it wants to again */
  rest?(): number
  close(): void
}

/** The receiving end is gone for good, such as a pipe's reader. */
export class SinkClosed extends Error {
  override readonly name = 'SinkClosed'
}

const newline = 0x0a

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
