import type { BatchLimits, Connection, Receipt, Target } from '../../connection.ts'
import type { QueuedEvent } from '../../queue/event-store.ts'
import { ParquetFiles, type ParquetValues } from '../parquet/open-parquet.ts'
import { Bucket, type BucketValues } from './bucket.ts'
import { prefixOf } from './bucket-address.ts'
import { readCredentials } from './credentials.ts'
import { Uploads } from './uploads.ts'

/** Values of the parameters. */
interface S3Values extends ParquetValues, BucketValues {
  readonly folder: string
}

/** Opens an output to a bucket. @throws BadValue without credentials */
export async function openS3(target: Target<S3Values>): Promise<Connection> {
  await readCredentials(target.values['credentials-file'])
  return new S3Connection(target)
}

/** Events are safe in files of a folder first; complete files go to the bucket. */
class S3Connection implements Connection {
  readonly #files: ParquetFiles
  readonly #uploads: Uploads

  constructor(target: Target<S3Values>) {
    const { url, values } = target
    this.#uploads = new Uploads(values.folder, new Bucket(url.host, values), prefixOf(url))
    this.#files = new ParquetFiles(target, values.folder, this.#uploads.start)
  }

  get batch(): BatchLimits {
    return this.#files.batch
  }

  start(): void {
    this.#files.start()
  }

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    await this.#uploads.ready(signal)
    return this.#files.send(events, signal)
  }

  async finish(): Promise<void> {
    await this.#files.finish()
    await this.#uploads.finish()
  }

  close(): void {
    this.#files.close()
    this.#uploads.close()
  }
}
