import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isLeftOver } from './file-names.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants
/** Names of processes, paths and arguments are not for all users. */
const fileMode = 0o600
const folderMode = 0o700

/** The folder of files that are not complete, beside the complete ones: readers skip it. */
const unfinished = '.unfinished'

/** Files that this process writes. */
const own = new Set<string>()

/**
 * A file that is being written. It has row groups; the end of a file with these is in a file beside
 * it, so that it can be completed after the process was killed. The name of that has the length of
 * the row groups: a part of a row group may be behind them.
 */
export class UnfinishedFile {
  readonly #folder: string
  readonly #name: string
  readonly #handle: FileHandle
  #length = 0
  #footer: string | undefined

  /** Creates a file. @throws Error of the file system */
  static async create(folder: string, name: string): Promise<UnfinishedFile> {
    const path = join(folder, unfinished)
    for (const each of [folder, path]) {
      await mkdir(each, { mode: folderMode }).catch((error) => {
        if (error.code !== 'EEXIST') throw error
      })
    }
    const handle = await open(join(path, name), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, fileMode)
    own.add(join(path, name))
    return new UnfinishedFile(folder, name, handle)
  }

  private constructor(folder: string, name: string, handle: FileHandle) {
    this.#folder = folder
    this.#name = name
    this.#handle = handle
  }

  /** Bytes of the row groups. */
  get length(): number {
    return this.#length
  }

  /**
   * Adds a row group. Nothing can be added after an error.
   * @param footer the end of a file with it
   * @throws Error of the file system
   */
  async append(rows: Uint8Array, footer: Uint8Array): Promise<void> {
    await this.#check()
    await writeAll(this.#handle, rows, this.#length)
    await this.#handle.datasync()
    const before = this.#footer
    const length = this.#length + rows.length
    const path = join(this.#folder, unfinished, footerName(this.#name, length))
    await writeWhole(path, footer)
    this.#length = length
    this.#footer = path
    if (before !== undefined) await unlink(before)
  }

  /** Events must not go into a file that was removed or replaced. */
  async #check(): Promise<void> {
    const [{ ino }, named] = await Promise.all([
      this.#handle.stat(),
      stat(join(this.#folder, unfinished, this.#name)),
    ])
    if (ino !== named.ino) throw new Error('the file was replaced')
  }

  /** Completes the file: readers see it afterwards. @throws Error of the file system */
  async complete(): Promise<void> {
    await this.abandon()
    await completeFile(this.#folder, this.#name)
  }

  /** Leaves the file as it is, to be completed later. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {})
    own.delete(join(this.#folder, unfinished, this.#name))
  }
}

/**
 * Completes files that no process writes any more. One that cannot be completed does not hold up
 * the others. @throws the first Error of the file system
 */
export async function completeLeftOvers(folder: string, nodeName: string): Promise<void> {
  let failure: unknown
  for (const name of await unfinishedNames(folder)) {
    const isFile = name.endsWith('.parquet') && isLeftOver(name, nodeName)
    if (!isFile || own.has(join(folder, unfinished, name))) continue
    await completeFile(folder, name).catch((error: unknown) => {
      failure ??= error
    })
  }
  if (failure !== undefined) throw failure
  const left = await unfinishedNames(folder)
  for (const name of left) {
    // The process was killed after it had moved the file.
    const [file, end] = name.split('@')
    const isAlone = end !== undefined && !left.includes(file) && isLeftOver(file, nodeName)
    if (isAlone) await unlink(join(folder, unfinished, name))
  }
}

async function unfinishedNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(join(folder, unfinished))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Adds the end to the row groups of a file, and moves it to its place. */
async function completeFile(folder: string, name: string): Promise<void> {
  const path = join(folder, unfinished)
  const names = (await unfinishedNames(folder)).filter((each) => each.startsWith(`${name}@`))
  const lengths = names.map((each) => Number(/@(\d+)$/.exec(each)?.[1] ?? 0))
  const length = Math.max(0, ...lengths)
  if (length > 0) {
    await using file = await open(join(path, name), O_RDWR | O_NOFOLLOW)
    await using footer = await open(join(path, footerName(name, length)), O_NOFOLLOW)
    await writeAll(file, await footer.readFile(), length)
    await file.truncate(length + (await footer.stat()).size)
    await file.sync()
    await rename(join(path, name), join(folder, name))
    await syncFolder(folder)
  } else await unlink(join(path, name))
  for (const each of names) await unlink(join(path, each))
}

function footerName(name: string, length: number): string {
  return `${name}@${length}`
}

/** Writes a file that exists with all of its content, or not. */
async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  const part = `${path}.part`
  await using file = await open(part, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, fileMode)
  await writeAll(file, content, 0)
  await file.datasync()
  await rename(part, path)
  await syncFolder(dirname(path))
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/** A file that was moved is there after a power cut, too. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder)
  await handle.sync()
}
