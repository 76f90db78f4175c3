import { closeSync, writeSync } from 'node:fs'
import { type Sink, SinkClosed } from './sink.ts'

const pauseMs = 1
const newline = 0x0a

/** Writes lines to an open descriptor: a pipe, a terminal, a file. */
export class DescriptorSink implements Sink {
  readonly #fd: number
  readonly #owned: boolean
  readonly #rest = new Int32Array(new SharedArrayBuffer(4))
  lostEvents = 0
  /** Whether the last write ended inside of a line. */
  #torn = false

  /** @param owned whether to close the descriptor in the end */
  constructor(fd: number, owned: boolean) {
    this.#fd = fd
    this.#owned = owned
  }

  write(bytes: Uint8Array, length: number): void {
    let written = this.#torn ? this.#finishTornLine() : 0
    if (written < 0) {
      this.lostEvents += countLines(bytes, 0, length)
      return
    }
    while (written < length) {
      try {
        written += writeSync(this.#fd, bytes, written, length - written)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EPIPE') throw new SinkClosed('write events: the reader is gone')
        // A pipe that is full blocks nobody when somebody else has made it non-blocking.
        if (code === 'EAGAIN') Atomics.wait(this.#rest, 0, 0, pauseMs)
        else if (code !== 'EINTR') {
          this.lostEvents += countLines(bytes, written, length)
          this.#torn = written > 0 && bytes[written - 1] !== newline
          return
        }
      }
    }
  }

  /** After a full disk the rest of a half-written line is lost: the next one gets a line of its own. */
  #finishTornLine(): number {
    try {
      writeSync(this.#fd, '\n')
      this.#torn = false
      return 0
    } catch {
      return -1
    }
  }

  close(): void {
    if (this.#owned) closeSync(this.#fd)
  }
}

function countLines(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; at++) if (bytes[at] === newline) lines++
  return lines
}
