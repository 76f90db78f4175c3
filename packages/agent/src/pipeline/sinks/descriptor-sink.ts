import { closeSync, writeSync } from 'node:fs'
import { countLines, type Sink, SinkClosed } from './sink.ts'

const pauseMs = 1
const newline = 0x0a

/** Writes lines to an open descriptor that cannot be rotated: a pipe, a terminal, a device. */
export class DescriptorSink implements Sink {
  readonly #fd: number
  readonly #owned: boolean
  readonly #rest = new Int32Array(new SharedArrayBuffer(4))
  writtenEvents = 0
  writtenBytes = 0
  lostEvents = 0
  /** Whether the last write ended inside of a line. */
  #torn = false

  /** @param owned whether to close the descriptor in the end */
  constructor(fd: number, owned: boolean) {
    this.#fd = fd
    this.#owned = owned
  }

  write(bytes: Buffer, length: number, lines: number): void {
    let written = 0
    let lost = 0
    if (this.#torn && !this.#finishTornLine()) lost = lines
    while (written < length && lost === 0) {
      try {
        written += writeSync(this.#fd, bytes, written, length - written)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EPIPE') throw new SinkClosed('write events: the reader is gone')
        // A pipe that is full blocks nobody when somebody else has made it non-blocking.
        if (code === 'EAGAIN') Atomics.wait(this.#rest, 0, 0, pauseMs)
        else if (code !== 'EINTR') {
          lost = countLines(bytes, written, length)
          this.#torn = written > 0 && bytes[written - 1] !== newline
        }
      }
    }
    this.lostEvents += lost
    this.writtenEvents += lines - lost
    this.writtenBytes += written
  }

  /** After a failure the rest of a half-written line is lost: the next one gets a line of its own. */
  #finishTornLine(): boolean {
    try {
      writeSync(this.#fd, '\n')
      this.#torn = false
      return true
    } catch {
      return false
    }
  }

  close(): void {
    if (this.#owned) closeSync(this.#fd)
  }
}
