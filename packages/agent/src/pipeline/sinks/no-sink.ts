import type { Sink } from './sink.ts'

/** For an agent whose events are for its clients alone. */
export class NoSink implements Sink {
  readonly writtenEvents = 0
  readonly writtenBytes = 0
  readonly lostEvents = 0

  write(): void {}

  close(): void {}
}
