import { CompactError, escapeUnprintable, parseEvent } from '@tetragon-ts/api'
import { type FilterMatch, filterSubject } from '@tetragon-ts/policy/filters'
import { LineSplitter } from './line-splitter.ts'
import type { Output } from './output.ts'
import { SkipCounter } from './skip-counter.ts'

const longestLine = 64 * 1024 * 1024

/** Parses lines of event JSON, filters them and passes them to an output; counts skipped lines. */
export class EventReader {
  readonly #match: FilterMatch
  readonly #output: Output
  readonly #splitter: LineSplitter
  readonly #malformed = new SkipCounter('line without valid event JSON')
  readonly #unknown = new SkipCounter('event of unknown type')
  readonly #unprintable = new SkipCounter('event that cannot be printed')
  #lineNumber = 0

  constructor(match: FilterMatch, output: Output) {
    this.#match = match
    this.#output = output
    const line = this.#line.bind(this)
    const tooLong = (): void => {
      this.#malformed.add(++this.#lineNumber, `longer than ${longestLine} bytes`)
    }
    this.#splitter = new LineSplitter({ line, tooLong }, longestLine)
  }

  /** Reads the next chunk; returns the output to write. */
  push(chunk: Buffer): string | Buffer {
    this.#splitter.push(chunk)
    return this.#output.take()
  }

  /** Reads the end of the input; returns the remaining output. */
  end(): string | Buffer {
    this.#splitter.end()
    return this.#output.take()
  }

  /** Reports skipped lines, one line per reason; empty if there are none. */
  report(): string {
    return this.#malformed.report() + this.#unknown.report() + this.#unprintable.report()
  }

  #line(buffer: Buffer, start: number, end: number): void {
    this.#lineNumber++
    const text = buffer.toString('utf8', start, end)
    const parsed = parseEvent(text)
    if (!parsed.ok) {
      if (parsed.failure === 'empty') return
      const counter = parsed.failure === 'unknown_event' ? this.#unknown : this.#malformed
      counter.add(this.#lineNumber, parsed.reason)
      return
    }
    const { event } = parsed
    if (!this.#match(filterSubject(event))) return
    try {
      this.#output.add({ event, text, buffer, start, end })
    } catch (error) {
      // Not every event has a compact form, and deeply nested JSON cannot be written.
      const unknown = error instanceof CompactError && error.code === 'unknown_event_type'
      const reason = escapeUnprintable((error as Error).message)
      const counter = unknown ? this.#unknown : this.#unprintable
      counter.add(this.#lineNumber, reason)
    }
  }
}
