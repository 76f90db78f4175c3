import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { SendError } from '../../connection.ts'
import type { Bucket } from './bucket.ts'

/** Names of complete files (file-names.ts of Parquet). */
const fileName = /^(\d{4}-\d\d-\d\d)T(\d\d)Z\..+\.parquet$/
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
   * Repeats an upload that failed: the folder gets no more files while the bucket takes none.
   * @throws SendError if it fails again, or an abort
   */
  async recovered(signal: AbortSignal): Promise<void> {
    if (this.#failure === undefined) return
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

  #end(failure: unknown): void {
    this.#running = undefined
    this.#failure = failure
    clearTimeout(this.#timer)
    if (failure === undefined || this.#stop.signal.aborted) return
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
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
