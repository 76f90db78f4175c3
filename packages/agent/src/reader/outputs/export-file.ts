import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { BadValue, formatDuration, readDuration } from '@tetragon-ts/service/options'
import { RequestError } from '../../request-error.ts'
import { type BackupLimits, Backups } from './backups.ts'
import type { Rotation } from './sink.ts'

/** Rotation of the export file. */
export interface EventLogControl {
  get(): { maxSizeMb: number; rotationInterval: string; maxBackups: number }
  /** Changes the given limits. @throws RequestError: then nothing was changed */
  set(change: {
    maxSizeMb?: number | undefined
    rotationInterval?: string | undefined
    maxBackups?: number | undefined
  }): void
}

/** Bytes of a megabyte in sizes of export files. */
export const megabyte = 2 ** 20

/** Rotates the file. */
interface Rotating {
  setRotation(rotation: Rotation): void
}

/**
 * The export file as the main thread sees it: its limits, which can be changed, and its backups.
 */
export class ExportFile implements EventLogControl {
  readonly path: string
  readonly #backups: Backups
  readonly #thread: Rotating
  #rotation: Rotation

  constructor(
    path: string,
    limits: Rotation & BackupLimits,
    thread: Rotating,
    observer: { warn(message: string): void },
  ) {
    this.path = path
    const { maxSize, interval, maxBackups, compress } = limits
    this.#rotation = { maxSize, interval }
    this.#backups = new Backups(path, { maxBackups, compress }, (message) => observer.warn(message))
    this.#thread = thread
    // An agent that was killed may have left work; the reader creates the folder.
    if (existsSync(dirname(path))) this.#backups.tidy()
  }

  /** The reader's thread has started a new file. */
  rotated(): void {
    this.#backups.tidy()
  }

  get(): ReturnType<EventLogControl['get']> {
    return {
      maxSizeMb: this.#rotation.maxSize / megabyte,
      rotationInterval: formatDuration(this.#rotation.interval),
      maxBackups: this.#backups.limits.maxBackups,
    }
  }

  set({ maxSizeMb, rotationInterval, maxBackups }: Parameters<EventLogControl['set']>[0]): void {
    const { limits } = this.#backups
    const backups = maxBackups ?? limits.maxBackups
    const megabytes = maxSizeMb ?? this.#rotation.maxSize / megabyte
    if (megabytes <= 0) throw invalid(`invalid maximum size ${megabytes} MB: must be positive`)
    if (backups < 0) throw invalid(`invalid number of backups ${backups}: must not be negative`)
    const interval =
      rotationInterval === undefined ? this.#rotation.interval : readInterval(rotationInterval)
    this.#rotation = { maxSize: megabytes * megabyte, interval }
    this.#thread.setRotation(this.#rotation)
    if (maxBackups !== undefined) this.#backups.setLimits({ ...limits, maxBackups })
  }
}

function readInterval(text: string): number {
  try {
    return readDuration(text)
  } catch (error) {
    if (error instanceof BadValue) throw invalid(`invalid interval '${text}': ${error.message}`)
    throw error
  }
}

function invalid(reason: string): RequestError {
  return new RequestError('invalid', `set event log: ${reason}`)
}
