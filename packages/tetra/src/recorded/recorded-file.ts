import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { readEventLine } from './event-lines.ts'
import { ReadProblems } from './read-problems.ts'
import { isCutOff, type ReadLine, type RecordedEvent, RecordReader } from './record-reader.ts'

/** Bytes of one read. */
const chunkSize = 1 << 18
/** First bytes of gzip (RFC 1952). */
const gzipMagic = Buffer.of(0x1f, 0x8b)

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
    try {
      return new RecordedFile(path, await firstTime(path))
    } catch (error) {
      throw new Error(`read ${path}: ${(error as Error).message}`)
    }
  }

  /**
   * The events in the order of the file, those of a chunk at a time. Broken lines are skipped, and
   * so is everything from a read error on.
   */
  async *batches<Recorded extends RecordedEvent>(
    problems: ReadProblems,
    readLine: ReadLine<Recorded>,
  ): AsyncGenerator<readonly Recorded[]> {
    const reader = new RecordReader(this.path, problems, readLine)
    try {
      yield* reader.read(await openRecorded(this.path))
    } catch (error) {
      reader.fail(error as Error)
    }
  }
}

/** Time of the first event; -Infinity without events. @throws Error */
async function firstTime(path: string): Promise<number> {
  // The problems are reported when the whole file is read.
  const reader = new RecordReader(path, new ReadProblems(), readEventLine)
  try {
    for await (const [first] of reader.read(await openRecorded(path))) {
      if (first !== undefined) return first.time
    }
  } catch (error) {
    if (!isCutOff(error as Error)) throw error
  }
  return Number.NEGATIVE_INFINITY
}

/** @throws Error */
async function openRecorded(path: string): Promise<Readable> {
  const handle = await open(path)
  try {
    const magic = Buffer.alloc(gzipMagic.length)
    await handle.read(magic, 0, magic.length, 0)
    const bytes = handle.createReadStream({ start: 0, highWaterMark: chunkSize })
    if (!magic.equals(gzipMagic)) return bytes
    // An error of the file is one of the last stream, too.
    return pipeline(bytes, createGunzip(), () => {})
  } catch (error) {
    await handle.close()
    throw error
  }
}
