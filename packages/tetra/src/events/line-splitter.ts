const newline = 0x0a

/** Handles a line: the bytes of `buffer` from `start` to `end`, without the line end. */
export type LineHandler = (buffer: Buffer, start: number, end: number) => void

/** Receives lines and errors. */
export interface LineSink {
  readonly line: LineHandler
  /** A line was longer than allowed and is skipped. */
  readonly tooLong: () => void
}

/**
 * Splits chunks into lines. A line that spans chunks is joined once, at its end, so that long lines
 * cost linear time; lines inside a chunk are not copied.
 */
export class LineSplitter {
  readonly #sink: LineSink
  readonly #longest: number
  #pending: Buffer[] = []
  #pendingLength = 0
  #skipping = false

  /** `longest` is the maximum length of a line, in bytes. */
  constructor(sink: LineSink, longest: number) {
    this.#sink = sink
    this.#longest = longest
  }

  /** Handles the next chunk. */
  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      if (this.#skipping) this.#skipping = false
      else if (this.#pendingLength > 0) this.#finish(chunk.subarray(start, end))
      else if (end - start > this.#longest) this.#sink.tooLong()
      else this.#sink.line(chunk, start, end)
      start = end + 1
    }
    if (start < chunk.length && !this.#skipping) this.#keep(chunk.subarray(start))
  }

  /** Handles the end of the stream: the rest is a line without line end. */
  end(): void {
    if (this.#pendingLength > 0) this.#finish(Buffer.alloc(0))
  }

  #keep(part: Buffer): void {
    this.#pending.push(part)
    this.#pendingLength += part.length
    if (this.#pendingLength <= this.#longest) return
    this.#forget()
    this.#skipping = true
    this.#sink.tooLong()
  }

  #finish(last: Buffer): void {
    const line = Buffer.concat([...this.#pending, last])
    this.#forget()
    if (line.length > this.#longest) this.#sink.tooLong()
    else this.#sink.line(line, 0, line.length)
  }

  #forget(): void {
    this.#pending = []
    this.#pendingLength = 0
  }
}
