/**
 * Where finished events go: whole JSON lines, in order. Runs in the reader's thread and never
 * blocks it: lines that the receiver does not take wait in a bounded queue, and what finds no room
 * there is counted and dropped.
 */
export interface Sink {
  /**
   * Takes `length` bytes of whole lines; the bytes belong to the caller again afterwards.
   * @param lines number of lines
   * @throws SinkClosed when the receiver is gone
   */
  write(bytes: Buffer, length: number, lines: number): void
  /** Lines that were written since the start, and their bytes. */
  readonly writtenEvents: number
  readonly writtenBytes: number
  /** Lines that were lost since the start: no room in the queue, or failed writes. */
  readonly lostEvents: number
  /** Bytes that wait in the queue. */
  readonly queuedBytes: number
  /** Whether more than half of the queue is taken. */
  readonly isCrowded: boolean
  /** Milliseconds until {@link proceed} has something to do; infinite while there is nothing. */
  readonly rest: number
  /** Continues with what is queued, if it is time for that. @throws SinkClosed */
  proceed(): void
  /**
   * Work that the event loop has to finish: the thread must return to it for that. Never rejected;
   * undefined while there is none.
   */
  readonly pending: Promise<void> | undefined
  /** Takes over new limits; without effect where files are not rotated. */
  setRotation?(rotation: Rotation): void
  /** Reports losses that no line reports yet: no more lines come. @throws SinkClosed */
  reportLoss(): void
  /** Gives up: what was not written by now is lost. */
  close(): void
}

/** When a file is put aside and a new one begun. */
export interface Rotation {
  /** Bytes that a file has at most, unless a single line is longer. */
  readonly maxSize: number
  /** Milliseconds; 0: only by size. */
  readonly interval: number
}

/** The receiving end is gone for good, such as a pipe's reader. */
export class SinkClosed extends Error {
  override readonly name = 'SinkClosed'
}
