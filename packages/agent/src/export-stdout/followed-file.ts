import { type FileHandle, open, stat } from 'node:fs/promises'

const chunkSize = 64 * 1024
/** Longer lines are returned in parts. */
const lineMax = 16 * 1024 * 1024
const newline = 0x0a

/**
 * Reads whole lines of a file that another process appends to and rotates: after a rotation it
 * reads the old file to its end, then the new one from its start. It waits for a missing file, and
 * for the end of a line.
 */
export class FollowedFile {
  readonly #path: string
  #buffer = Buffer.allocUnsafe(chunkSize)
  #file: FileHandle | undefined
  /** The end of the last line that was returned. */
  #position = 0
  /** The path has another file: this one does not grow any more. */
  #isReplaced = false

  constructor(path: string) {
    this.#path = path
  }

  /**
   * The next lines, valid until the next call; undefined if there are none yet.
   * @throws Error if the file cannot be read
   */
  async read(): Promise<Uint8Array | undefined> {
    this.#file ??= await openFile(this.#path)
    if (this.#file === undefined) return undefined
    const { length } = this.#buffer
    const { bytesRead } = await this.#file.read(this.#buffer, 0, length, this.#position)
    let end = this.#buffer.subarray(0, bytesRead).lastIndexOf(newline) + 1
    if (end === 0 && bytesRead === length) {
      if (length < lineMax) {
        this.#buffer = Buffer.allocUnsafe(2 * length)
        return this.read()
      }
      end = length
    }
    this.#position += end
    if (end > 0) return this.#buffer.subarray(0, end)
    return (await this.#findNext()) ? this.read() : undefined
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }

  /** At the end of the file. @returns whether there may be more to read */
  async #findNext(): Promise<boolean> {
    const file = this.#file!
    if (this.#isReplaced) {
      await this.close()
      this.#position = 0
      this.#isReplaced = false
      return true
    }
    const own = await file.stat()
    const named = await stat(this.#path).catch(() => undefined)
    if (own.size < this.#position) {
      // Truncated in place.
      this.#position = 0
      return true
    }
    // Bytes may have been written between the last read and the rotation: read once more.
    this.#isReplaced = named !== undefined && (named.ino !== own.ino || named.dev !== own.dev)
    return this.#isReplaced
  }
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
