import type { ClassCounts } from '@tetragon-ts/outputs/queue'
import type { LineRun } from '../json/event-lines.ts'

/** Maximum number of bytes in the queue of a sink. */
export const sinkQueueMax = 1 << 26

/**
 * Destination of finished events: whole JSON lines, in order. Runs in the reader's thread and never
 * blocks it: lines wait in a bounded queue, and lines that do not fit are counted and dropped.
 */
export interface Sink {
  /**
   * Writes `length` bytes of whole lines.
   * @param runs the lines by class, which the sink may keep
   * @returns a buffer for the next lines if the sink keeps `bytes`; otherwise the caller may reuse
   * them
   * @throws SinkClosed when the receiver is gone
   */
  write(bytes: Buffer, length: number, runs: readonly LineRun[]): Buffer | undefined
  /** Lines written since the start, and their bytes. */
  readonly writtenEvents: number
  readonly writtenBytes: number
  /** Lines lost since the start, by class: the queue was full, or a write failed. */
  readonly lostEvents: ClassCounts
  /** Bytes in the queue. */
  readonly queuedBytes: number
  /** Whether the queue is so full that the receiver needs time. */
  readonly isCrowded: boolean
  /** Milliseconds until {@link proceed} has something to do; infinite if it has nothing. */
  readonly rest: number
  /** Continues to write the queue, if it is time for that. @throws SinkClosed */
  proceed(): void
  /**
   * Pending work that needs the event loop: the thread must return to it. Never rejected; undefined
   * if there is none.
   */
  readonly pending: Promise<void> | undefined
  /** Applies new limits; without effect if files are not rotated. */
  setRotation?(rotation: Rotation): void
  /** Fulfilled when all lines so far are written or lost; undefined if they are not kept. */
  flushed?(): Promise<void>
  /** Writes a line for unreported losses: no more lines come. @throws SinkClosed */
  reportLoss(): void
  /** Gives up: unwritten lines are lost. */
  close(): void
}

/** When to rotate a file. */
export interface Rotation {
  /** Maximum size of a file, unless a single line is longer. */
  readonly maxSize: number
  /** Milliseconds; 0: only by size. */
  readonly interval: number
}

/** The receiver is gone permanently, for example the reader of a pipe. */
export class SinkClosed extends Error {
  override readonly name = 'SinkClosed'
}
