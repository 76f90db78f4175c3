import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { isTrusted } from '../../../files/own-folder.ts'
import { backupTime, compressedEnding } from '../../../reader/outputs/backup-name.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
const newline = 0x0a
/** Bytes per read. */
const chunkSize = 2 ** 18
/** Longer lines are none of ours. */
const lineMax = 2 ** 26

/** A rotated export file. */
interface Backup {
  /** When it was rotated, in the form of its name. */
  readonly stamp: string
  /** Without the ending of compressed files. */
  readonly path: string
}

/** An export file that grows, and how far it was read. */
interface Current {
  readonly handle: FileHandle
  offset: number
  rest: Buffer
}

/**
 * The lines of an export file and its backups, oldest first. The file may be rotated, and backups
 * may be compressed and removed, while they are read.
 */
export class KeptLines implements AsyncDisposable {
  readonly #path: string
  readonly #known = new Set<string>()
  #current: Current | undefined

  constructor(path: string) {
    this.#path = path
  }

  /**
   * The lines up to the present end of the file, in chunks of whole lines; further calls continue
   * there.
   * @param since files that were rotated before are not read; in milliseconds since 1970
   */
  async *read(since: number): AsyncGenerator<Buffer> {
    if (this.#current === undefined) {
      const backups = await this.#openCurrent()
      for (const backup of backups) if (timeOf(backup) >= since) yield* linesOf(backup)
    }
    while (this.#current !== undefined) {
      const current: Current = this.#current
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
      for (const backup of others) yield* linesOf(backup)
    }
  }

  /** All lines, oldest first, for callers that need few of them. */
  async *fromOldest(): AsyncGenerator<string> {
    const files = [...(await this.#backups()), { path: this.#path }]
    for (const file of files) {
      for await (const chunk of linesOf(file)) yield* chunk.toString().trimEnd().split('\n')
    }
  }

  /** Opens the file. @returns the backups that precede it */
  async #openCurrent(): Promise<readonly Backup[]> {
    for (;;) {
      const backups = await this.#backups()
      const handle = await openRegular(this.#path)
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

  async #isSame({ handle }: Current): Promise<boolean> {
    const [there, here] = await Promise.all([lstat(this.#path).catch(() => {}), handle.stat()])
    return there?.ino === here.ino && there?.dev === here.dev
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.handle.close()
    this.#current = undefined
  }
}

/** Whether the file at a path is this one; true if it was compressed or removed since. */
async function isAt(path: string | undefined, { handle }: Current): Promise<boolean> {
  if (path === undefined) return false
  const [there, here] = await Promise.all([lstat(path).catch(() => {}), handle.stat()])
  return there === undefined || (there.ino === here.ino && there.dev === here.dev)
}

/** Milliseconds since 1970. */
function timeOf({ stamp }: Backup): number {
  const [date, time] = stamp.split('T')
  return Date.parse(`${date}T${time.replaceAll('-', ':')}Z`)
}

/**
 * In folders such as /tmp, others can add files with the names of backups: their events would be
 * those of the agent to every client.
 */
function isOwn(file: Stats): boolean {
  return file.isFile() && isTrusted(file.uid)
}

/** @returns undefined if it is not there, not a regular file, or that of another user */
async function openRegular(path: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if (isOwn(await handle.stat())) return handle
    await handle.close()
    return undefined
  } catch {
    return undefined
  }
}

/** The lines of a file that does not grow. */
async function* linesOf({ path }: Pick<Backup, 'path'>): AsyncGenerator<Buffer> {
  const plain = await openRegular(path)
  if (plain !== undefined) {
    const file = { handle: plain, offset: 0, rest: Buffer.alloc(0) }
    try {
      yield* newLines(file)
    } finally {
      await plain.close()
    }
    return
  }
  const compressed = await openRegular(path + compressedEnding)
  if (compressed === undefined) return
  let rest: Buffer = Buffer.alloc(0)
  const bytes = compressed.createReadStream({ highWaterMark: chunkSize })
  const lines = createGunzip({ chunkSize })
  bytes.on('error', (error) => lines.destroy(error))
  try {
    for await (const chunk of bytes.pipe(lines)) {
      const [whole, after] = splitLines(rest, chunk)
      rest = after
      if (whole.length > 0) yield whole
    }
  } catch {
    // It is cut off: its other lines are there.
  } finally {
    bytes.destroy()
  }
}

/** The lines from where it was read to, up to its end. */
async function* newLines(file: Current): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkSize)
    const { bytesRead } = await file.handle.read(chunk, 0, chunkSize, file.offset)
    if (bytesRead === 0) return
    file.offset += bytesRead
    const [whole, rest] = splitLines(file.rest, chunk.subarray(0, bytesRead))
    file.rest = rest
    if (whole.length > 0) yield whole
  }
}

/** @returns whole lines, and the start of the next one */
function splitLines(rest: Buffer, chunk: Buffer): [Buffer, Buffer] {
  const end = chunk.lastIndexOf(newline) + 1
  const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
  if (end === 0) return [Buffer.alloc(0), all.length > lineMax ? Buffer.alloc(0) : all]
  return [all.subarray(0, rest.length + end), Buffer.from(all.subarray(rest.length + end))]
}
