const newline = 0x0a

/** Takes one line: the bytes of `buffer` from `start` to `end`, without the line end. */
export type LineHandler = (buffer: Buffer, start: number, end: number) => void

/** Where lines and their accidents go. */
export interface LineSink {
  readonly line: LineHandler
  /** A line was longer than allowed and is left out. */
  readonly tooLong: () => void
}

/**
 * Cuts a stream of chunks into lines. A line that spans chunks is put together once, when its end
 * comes, so that long lines cost linear time; lines inside of a chunk are not copied.
 */
export class LineSplitter {
  readonly #sink: LineSink
  readonly #longest: number
  #pending: Buffer[] = []
  #pendingLength = 0
  #skipping = false

  /** `longest` is the greatest length of a line, in bytes. */
  constructor(sink: LineSink, longest: number) {
    this.#sink = sink
    this.#longest = longest
  }

  /** Takes the next chunk. */
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

  /** Takes the end of the stream: what is left is a line without line end. */
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
