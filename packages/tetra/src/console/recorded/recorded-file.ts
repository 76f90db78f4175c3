import { type FileHandle, open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { codecOf, type Event, GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import { LineSplitter } from '../../events/line-splitter.ts'
import type { SkippedLines } from './skipped-lines.ts'

const codec = codecOf(GetEventsResponse)
/** Maximum bytes of a line: a browser takes no longer frame. */
const lineMax = 32 << 20
/** First bytes of gzip (RFC 1952). */
const gzipMagic = Buffer.of(0x1f, 0x8b)

/** An event of a file. */
export interface RecordedEvent {
  /** Milliseconds since 1970; that of the event before it in the file if it has none of its own. */
  readonly time: number
  /** In wire form. */
  readonly bytes: Uint8Array
}

/** A file of events as Tetragon exports them: one JSON object in each line; may be compressed. */
export class RecordedFile {
  readonly path: string
  /** Time of the first event in milliseconds since 1970; -Infinity without events. */
  readonly start: number

  private constructor(path: string, start: number) {
    this.path = path
    this.start = start
  }

  /** Reads up to the first event. @throws Error if the file cannot be read */
  static async find(path: string): Promise<RecordedFile> {
    let start = Number.NEGATIVE_INFINITY
    const nothing = { add: () => {} }
    for await (const [first] of eventsOf(await openRecorded(path), path, nothing)) {
      if (first === undefined) continue
      start = first.time
      break
    }
    return new RecordedFile(path, start)
  }

  /**
   * The events in the order of the file, those of a chunk at a time. Broken lines are skipped, and
   * so is everything from a read error on.
   */
  async *batches(skipped: SkippedLines): AsyncGenerator<readonly RecordedEvent[]> {
    try {
      yield* eventsOf(await openRecorded(this.path), this.path, skipped)
    } catch (error) {
      skipped.add(this.path, 'the rest of the file', (error as Error).message)
    }
  }
}

/** @throws Error */
async function openRecorded(path: string): Promise<Readable> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    const magic = Buffer.alloc(gzipMagic.length)
    await handle.read(magic, 0, magic.length, 0)
    const bytes = handle.createReadStream({ start: 0 })
    if (!magic.equals(gzipMagic)) return bytes
    // An error of the file is one of the last stream, too.
    return pipeline(bytes, createGunzip(), () => {})
  } catch (error) {
    await handle?.close()
    throw new Error(`read --log: ${(error as Error).message}`)
  }
}

async function* eventsOf(
  input: Readable,
  path: string,
  skipped: Pick<SkippedLines, 'add'>,
): AsyncGenerator<readonly RecordedEvent[]> {
  let batch: RecordedEvent[] = []
  let number = 0
  let last = Number.NEGATIVE_INFINITY
  const skip = (reason: string): void => skipped.add(path, `line ${number}`, reason)
  const line = (buffer: Buffer, from: number, to: number): void => {
    number++
    const parsed = parseEvent(buffer.toString('utf8', from, to))
    if (!parsed.ok) return parsed.failure === 'empty' ? undefined : skip(parsed.reason)
    try {
      const bytes = codec.encode(parsed.event.response)
      last = timeOf(parsed.event) ?? last
      batch.push({ time: last, bytes })
    } catch (error) {
      skip((error as Error).message)
    }
  }
  const tooLong = (): void => {
    number++
    skip(`longer than ${lineMax} bytes`)
  }
  const splitter = new LineSplitter({ line, tooLong }, lineMax)
  for await (const chunk of input) {
    splitter.push(chunk)
    yield batch
    batch = []
  }
  splitter.end()
  yield batch
}

function timeOf({ response }: Event): number | undefined {
  const time = Date.parse(response.time ?? '')
  return Number.isNaN(time) ? undefined : time
}
