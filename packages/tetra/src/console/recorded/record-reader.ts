import type { Readable } from 'node:stream'
import { codecOf, type Event, GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import { LineSplitter } from '../../events/line-splitter.ts'
import type { Place, ReadProblems } from './read-problems.ts'

const codec = codecOf(GetEventsResponse)
/** Maximum bytes of a line: a browser takes no longer frame. */
const lineMax = 32 << 20
/** An event of a file. */
export interface RecordedEvent {
  /** Milliseconds since 1970; that of the event before it in the file if it has none of its own. */
  readonly time: number
  /** In wire form. */
  readonly bytes: Uint8Array
}

/** Reads the lines of a file, and notes what is wrong with them. */
export class RecordReader {
  readonly #path: string
  readonly #problems: ReadProblems
  readonly #splitter = new LineSplitter(
    {
      line: (buffer, from, to) => this.#line(buffer.toString('utf8', from, to)),
      tooLong: () => this.#tooLong(),
    },
    lineMax,
  )
  /** Number of lines so far. */
  #lines = 0
  /** Whether the line ends with the file. */
  #isLast = false
  #lastTime = Number.NEGATIVE_INFINITY
  #batch: RecordedEvent[] = []

  constructor(path: string, problems: ReadProblems) {
    this.#path = path
    this.#problems = problems
  }

  /**
   * The events of the file, those of a chunk at a time.
   * @throws Error of the file
   */
  async *read(input: Readable): AsyncGenerator<readonly RecordedEvent[]> {
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

  #take(): readonly RecordedEvent[] {
    const batch = this.#batch
    this.#batch = []
    return batch
  }

  get #place(): Place {
    return { path: this.#path, line: this.#lines }
  }

  #line(text: string): void {
    this.#lines++
    const parsed = parseEvent(text)
    if (!parsed.ok) {
      if (parsed.failure === 'empty') return
      const isPart = this.#isLast && parsed.failure === 'malformed_json'
      if (isPart) this.#problems.cutOff(this.#place)
      else this.#problems.brokenLine(this.#place, parsed.reason)
      return
    }
    try {
      const bytes = codec.encode(parsed.event.response)
      this.#lastTime = timeOf(parsed.event) ?? this.#lastTime
      this.#batch.push({ time: this.#lastTime, bytes })
    } catch (error) {
      this.#problems.brokenLine(this.#place, (error as Error).message)
    }
  }

  #tooLong(): void {
    this.#lines++
    this.#problems.brokenLine(this.#place, `longer than ${lineMax} bytes`)
  }
}

function timeOf({ response }: Event): number | undefined {
  const time = Date.parse(response.time ?? '')
  return Number.isNaN(time) ? undefined : time
}

/** Whether compressed data ends too early. */
export function isCutOff(error: NodeJS.ErrnoException): boolean {
  return error.code === 'Z_BUF_ERROR'
}
