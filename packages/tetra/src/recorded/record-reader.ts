import type { Readable } from 'node:stream'
import { LineSplitter } from '../events/line-splitter.ts'
import type { Place, ReadProblems } from './read-problems.ts'

/** Maximum bytes of a line: a browser takes no longer frame. */
const lineMax = 32 << 20

/** An event of a file. */
export interface RecordedEvent {
  /** Milliseconds since 1970; that of the event before it in the file if it has none of its own. */
  readonly time: number
}

/** Why a line is not an event. */
export interface BadLine {
  readonly failure: 'empty' | 'cut-off' | 'broken'
  readonly reason: string
}

/**
 * Reads the event in a line: the bytes of a buffer from `start` to `end`.
 * @param timeBefore of the event before it
 * @throws Error if it cannot be read
 */
export type ReadLine<Recorded extends RecordedEvent> = (
  buffer: Buffer,
  start: number,
  end: number,
  timeBefore: number,
) => Recorded | BadLine

/** Reads the lines of a file, and notes what is wrong with them. */
export class RecordReader<Recorded extends RecordedEvent> {
  readonly #path: string
  readonly #problems: ReadProblems
  readonly #readLine: ReadLine<Recorded>
  readonly #splitter = new LineSplitter(
    { line: (buffer, from, to) => this.#line(buffer, from, to), tooLong: () => this.#tooLong() },
    lineMax,
  )
  /** Number of lines so far. */
  #lines = 0
  /** Whether the line ends with the file. */
  #isLast = false
  #lastTime = Number.NEGATIVE_INFINITY
  #batch: Recorded[] = []

  constructor(path: string, problems: ReadProblems, readLine: ReadLine<Recorded>) {
    this.#path = path
    this.#problems = problems
    this.#readLine = readLine
  }

  /**
   * The events of the file, those of a chunk at a time.
   * @throws Error of the file
   */
  async *read(input: Readable): AsyncGenerator<readonly Recorded[]> {
    for await (const chunk of input) {
      this.#splitter.push(chunk)
      yield this.#take()
    }
    this.#isLast = true
    this.#splitter.end()
    yield this.#take()
  }

  /** Notes why {@link read} has failed. */
  fail(error: Error): void {
    const next = { path: this.#path, line: this.#lines + 1 }
    if (isCutOff(error)) this.#problems.cutOff(next)
    else this.#problems.unreadable(next, error.message)
  }

  #take(): readonly Recorded[] {
    const batch = this.#batch
    this.#batch = []
    return batch
  }

  get #place(): Place {
    return { path: this.#path, line: this.#lines }
  }

  #line(buffer: Buffer, start: number, end: number): void {
    this.#lines++
    try {
      const read = this.#readLine(buffer, start, end, this.#lastTime)
      if ('failure' in read) return this.#bad(read)
      this.#lastTime = read.time
      this.#batch.push(read)
    } catch (error) {
      this.#problems.brokenLine(this.#place, (error as Error).message)
    }
  }

  #bad({ failure, reason }: BadLine): void {
    if (failure === 'empty') return
    if (failure === 'cut-off' && this.#isLast) this.#problems.cutOff(this.#place)
    else this.#problems.brokenLine(this.#place, reason)
  }

  #tooLong(): void {
    this.#lines++
    this.#problems.brokenLine(this.#place, `longer than ${lineMax} bytes`)
  }
}

/** Whether compressed data ends too early. */
export function isCutOff(error: NodeJS.ErrnoException): boolean {
  return error.code === 'Z_BUF_ERROR'
}
