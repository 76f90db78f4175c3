import { noCounts } from '@tetragon-ts/outputs/queue'
import type { Sink } from './sink.ts'

/** For an agent whose events are only for clients. */
export class NoSink implements Sink {
  readonly writtenEvents = 0
  readonly writtenBytes = 0
  readonly lostEvents = noCounts()
  readonly queuedBytes = 0
  readonly isCrowded = false
  readonly rest = Number.POSITIVE_INFINITY
  readonly pending = undefined

  write(): undefined {}

  proceed(): void {}

  reportLoss(): void {}

  close(): void {}
}
