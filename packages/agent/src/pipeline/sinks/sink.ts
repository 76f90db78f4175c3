/** Where finished events go: whole JSON lines, in order. Runs in the reader's thread. */
export interface Sink {
  /**
   * Writes `length` bytes of whole lines. May block.
   * @throws SinkClosed when nobody can receive any more
   */
  write(bytes: Uint8Array, length: number): void
  /** Lines that could not be written, since the start. */
  readonly lostEvents: number
  close(): void
}

/** The receiving end is gone for good, such as a pipe's reader. */
export class SinkClosed extends Error {
  override readonly name = 'SinkClosed'
}
