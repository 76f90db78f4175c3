import { closeSync, openSync, readSync, statSync } from 'node:fs'

const pieceSize = 2 ** 24

/** The lines of a file that others append to. */
export class LineFile {
  readonly path: string
  readonly #file: number
  #offset = 0
  #rest: Uint8Array = Buffer.alloc(0)
  #isClosed = false

  /** Creates the file if there is none. @throws Error of the file system */
  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a+', 0o600)
  }

  /** Whole lines that were added since the last call, without line ends. */
  read(): string[] {
    const lines: string[] = []
    for (let piece = this.#piece(); piece; piece = this.#piece()) {
      const all = Buffer.concat([this.#rest, piece])
      let from = 0
      for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
        lines.push(all.toString('utf8', from, end))
        from = end + 1
      }
      this.#rest = Buffer.from(all.subarray(from))
    }
    return lines
  }

  /** The next bytes, if there are any. */
  #piece(): Uint8Array | undefined {
    const missing = Math.min(pieceSize, statSync(this.path).size - this.#offset)
    if (missing <= 0) return undefined
    const bytes = Buffer.alloc(missing)
    const count = readSync(this.#file, bytes, 0, missing, this.#offset)
    this.#offset += count
    return bytes.subarray(0, count)
  }

  /** Closing a second time does nothing: the number may be that of another file by then. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#file)
  }
}
