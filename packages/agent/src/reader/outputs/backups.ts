import { createReadStream, createWriteStream, fstatSync } from 'node:fs'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { SerialQueue } from '@tetragon-ts/service/queue'
import { openOwnFileToRead } from '../../files/own-file.ts'
import { isTrusted } from '../../files/own-folder.ts'
import { backupTime, compressedEnding } from './backup-name.ts'

const anyMode = 0o777
/** A backup that is being compressed. */
const partEnding = '.part'

export interface BackupLimits {
  /** Number of backups to keep; 0: all. */
  readonly maxBackups: number
  readonly compress: boolean
}

/**
 * The backups of an export file. Old ones are removed, others are compressed, one after the other
 * in the background: zlib uses its own threads and does not block the reader's thread.
 */
export class Backups {
  readonly #path: string
  readonly #warn: (message: string) => void
  #limits: BackupLimits
  readonly #rounds = new SerialQueue()
  /** Requested rounds that have not started. */
  #pending = 0

  constructor(path: string, limits: BackupLimits, warn: (message: string) => void) {
    this.#path = path
    this.#limits = limits
    this.#warn = warn
  }

  get limits(): BackupLimits {
    return this.#limits
  }

  setLimits(limits: BackupLimits): void {
    this.#limits = limits
    this.tidy()
  }

  /** Removes and compresses backups, including those of earlier runs. Returns immediately. */
  tidy(): void {
    // A round that has not started includes the work of this one.
    if (this.#pending > 0) return
    this.#pending++
    void this.#rounds.run(async () => {
      this.#pending--
      await this.#round().catch(({ code, message }: NodeJS.ErrnoException) => {
        // Without a folder there is nothing to do.
        if (code !== 'ENOENT') this.#warn(`remove old backups: ${message}`)
      })
    })
  }

  /** Fulfilled when all requested rounds are done. */
  done(): Promise<void> {
    return this.#rounds.idle()
  }

  async #round(): Promise<void> {
    const { maxBackups, compress } = this.#limits
    const folder = dirname(this.#path)
    const names = await ownFiles(folder, (name) => {
      return backupTime(this.#path, withoutEnding(name)) !== undefined
    })
    const leftOvers = names.filter((name) => name.endsWith(partEnding))
    for (const name of leftOvers) await rm(join(folder, name), { force: true })
    const times = new Map(names.map((name) => [name, backupTime(this.#path, name)]))
    const backups = names
      .filter((name) => times.get(name) !== undefined)
      .sort((a, b) => ((times.get(a) ?? '') < (times.get(b) ?? '') ? 1 : -1))
    const kept = maxBackups === 0 ? backups : backups.slice(0, maxBackups)
    for (const name of backups.slice(kept.length)) await rm(join(folder, name), { force: true })
    if (!compress) return
    for (const name of kept) {
      if (!name.endsWith(compressedEnding)) await compressFile(join(folder, name))
    }
  }
}

function withoutEnding(name: string): string {
  return name.endsWith(partEnding) ? name.slice(0, -partEnding.length) : name
}

/**
 * Names of regular files that belong to no other user. In shared folders such as /tmp, files of
 * others would be read and written, and counted as backups.
 */
async function ownFiles(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const names: string[] = []
  for (const name of (await readdir(folder)).filter(wanted)) {
    const file = await lstat(join(folder, name)).catch(() => undefined)
    if (file?.isFile() && isTrusted(file.uid)) names.push(name)
  }
  return names
}

/** A partly written compressed file never has the name of a complete one. */
async function compressFile(path: string): Promise<void> {
  const part = `${path}${compressedEnding}${partEnding}`
  try {
    const fd = openOwnFileToRead(path, anyMode)
    if (fd === undefined) return
    const content = createReadStream('', { fd })
    const out = createWriteStream(part, { flags: 'wx', mode: fstatSync(fd).mode & 0o7777 })
    await pipeline(content, createGzip(), out)
    await rename(part, `${path}${compressedEnding}`)
    await rm(path)
  } catch (error) {
    await rm(part, { force: true })
    // Another program has removed it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
