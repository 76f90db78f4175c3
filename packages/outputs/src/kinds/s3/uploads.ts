import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { SendError } from '../../connection.ts'
import type { Bucket } from './bucket.ts'

/** Names of complete files (file-names.ts of Parquet). */
const fileName = /^(\d{4}-\d\d-\d\d)T(\d\d)Z\..+\.parquet$/
/** Complete files that may wait. More of them, and events wait instead. */
const filesMax = 16
/** Pause after an upload that failed, if no events arrive, in milliseconds. */
const retryMs = 30_000

/** Moves complete files of a folder to a bucket, one at a time, oldest first. */
export class Uploads {
  readonly #folder: string
  readonly #bucket: Pick<Bucket, 'put'>
  readonly #prefix: string
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  /** Files may be complete since the folder was read. */
  #isStale = false
  #failure: unknown
  #timer: NodeJS.Timeout | undefined

  /** @param prefix of the objects, empty or with a slash at the end */
  constructor(folder: string, bucket: Pick<Bucket, 'put'>, prefix: string) {
    this.#folder = folder
    this.#bucket = bucket
    this.#prefix = prefix
  }

  /** Uploads what is complete, in the background. */
  readonly start = (): void => {
    this.#isStale = true
    void this.#run()
  }

  /**
   * Repeats an upload that failed, and waits while the bucket takes fewer files than there are: the
   * folder does not grow with what it does not take.
   * @throws SendError if it fails again, or takes too long
   */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#failure === undefined && (await this.#names()).length < filesMax) return
    this.#isStale = true
    await Promise.race([this.#run(), aborted(signal)])
    const failure: unknown = this.#failure
    if (failure === undefined) return
    if (failure instanceof SendError) throw failure
    throw new SendError('again', `upload: ${(failure as Error).message}`)
  }

  /** Fulfilled when all complete files are uploaded, or one cannot be. */
  async finish(): Promise<void> {
    this.#isStale = true
    await this.#run()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#stop.abort()
  }

  #run(): Promise<void> {
    this.#running ??= this.#all().then(
      () => this.#end(undefined),
      (error: unknown) => this.#end(error),
    )
    return this.#running
  }

  async #end(failure: unknown): Promise<void> {
    this.#running = undefined
    this.#failure = failure
    clearTimeout(this.#timer)
    if (this.#stop.signal.aborted) return
    // A file was completed since the last look.
    if (failure === undefined) return this.#isStale ? this.#run() : undefined
    this.#timer = setTimeout(this.start, retryMs)
    this.#timer.unref()
  }

  async #all(): Promise<void> {
    while (this.#isStale && !this.#stop.signal.aborted) {
      this.#isStale = false
      for (const name of await this.#names()) await this.#move(name)
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#folder)).filter((name) => fileName.test(name)).sort()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  async #move(name: string): Promise<void> {
    const path = join(this.#folder, name)
    try {
      await this.#bucket.put(this.#prefix + objectKey(name), path, this.#stop.signal)
      await unlink(path)
    } catch (error) {
      // Another agent of this folder, which replaces this one, has moved it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** Partitions as Hive, Athena, Spark and DuckDB read them. */
function objectKey(name: string): string {
  const [, date, hour] = fileName.exec(name) ?? []
  return `date=${date}/hour=${hour}/${name}`
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new SendError('again', 'the bucket takes files too slowly'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
