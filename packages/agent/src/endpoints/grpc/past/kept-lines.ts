import { lstat, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { backupTime, compressedEnding } from '../../../reader/outputs/backup-name.ts'
import { type GrowingFile, isOwn, linesOf, newLines, openOwn } from './file-lines.ts'

/** A rotated export file. */
interface Backup {
  /** When it was rotated, in the form of its name. */
  readonly stamp: string
  /** Without the ending of compressed files. */
  readonly path: string
}

/**
 * The lines of an export file and its backups, oldest first. The file may be rotated, and backups
 * may be compressed and removed, while they are read.
 */
export class KeptLines implements AsyncDisposable {
  readonly #path: string
  readonly #known = new Set<string>()
  #current: GrowingFile | undefined
  #missing = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Backups that were removed before they were read. */
  get missing(): number {
    return this.#missing
  }

  /**
   * The lines up to the present end of the file, in chunks of whole lines; further calls continue
   * there.
   * @param since files that were rotated before are not read; in milliseconds since 1970
   */
  async *read(since: number): AsyncGenerator<Buffer> {
    if (this.#current === undefined) {
      const backups = await this.#openCurrent()
      yield* this.#linesOfAll(backups.filter((each) => timeOf(each) >= since))
    }
    while (this.#current !== undefined) {
      const current: GrowingFile = this.#current
      yield* newLines(current)
      if (await this.#isSame(current)) return
      // Lines that came before it was rotated.
      yield* newLines(current)
      const before = new Set(this.#known)
      this.#current = undefined
      const backups = await this.#openCurrent()
      const unknown = backups.filter(({ stamp }) => !before.has(stamp))
      const others = (await isAt(unknown[0]?.path, current)) ? unknown.slice(1) : unknown
      await current.handle.close()
      yield* this.#linesOfAll(others)
    }
  }

  async *#linesOfAll(backups: readonly Backup[]): AsyncGenerator<Buffer> {
    for (const { path } of backups) {
      const isThere = yield* linesOf(path)
      if (!isThere) this.#missing++
    }
  }

  /** All lines, oldest first, for callers that need few of them. */
  async *fromOldest(): AsyncGenerator<string> {
    const files = [...(await this.#backups()), { path: this.#path }]
    for (const { path } of files) {
      for await (const chunk of linesOf(path)) yield* chunk.toString().trimEnd().split('\n')
    }
  }

  /** Opens the file. @returns the backups that precede it */
  async #openCurrent(): Promise<readonly Backup[]> {
    for (;;) {
      const backups = await this.#backups()
      const handle = await openOwn(this.#path)
      const after = await this.#backups()
      // Otherwise it was rotated in between.
      if (after.at(-1)?.stamp === backups.at(-1)?.stamp) {
        this.#current = handle && { handle, offset: 0, rest: Buffer.alloc(0) }
        for (const { stamp } of backups) this.#known.add(stamp)
        return backups
      }
      await handle?.close()
    }
  }

  async #backups(): Promise<readonly Backup[]> {
    const folder = dirname(this.#path)
    const found = new Map<string, Backup>()
    for (const name of await readdir(folder).catch(() => [])) {
      const stamp = backupTime(this.#path, name)
      if (stamp === undefined) continue
      // One that is gone was compressed since, or removed.
      const file = await lstat(join(folder, name)).catch(() => undefined)
      if (file !== undefined && !isOwn(file)) continue
      const plain = name.endsWith(compressedEnding) ? name.slice(0, -compressedEnding.length) : name
      found.set(stamp, { stamp, path: join(folder, basename(plain)) })
    }
    return [...found.values()].sort((a, b) => (a.stamp < b.stamp ? -1 : 1))
  }

  async #isSame({ handle }: GrowingFile): Promise<boolean> {
    const [there, here] = await Promise.all([lstat(this.#path).catch(() => {}), handle.stat()])
    return there?.ino === here.ino && there?.dev === here.dev
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.handle.close()
    this.#current = undefined
  }
}

/** Whether the file at a path is this one; true if it was compressed or removed since. */
async function isAt(path: string | undefined, { handle }: GrowingFile): Promise<boolean> {
  if (path === undefined) return false
  const [there, here] = await Promise.all([lstat(path).catch(() => {}), handle.stat()])
  return there === undefined || (there.ino === here.ino && there.dev === here.dev)
}

/** Milliseconds since 1970. */
function timeOf({ stamp }: Backup): number {
  const [date, time] = stamp.split('T')
  return Date.parse(`${date}T${time.replaceAll('-', ':')}Z`)
}
