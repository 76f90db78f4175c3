import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { growPipe } from '@tetragon-ts/ebpf/sys'

/** Maximum number of bytes in a pipe. */
const largest = 1 << 20
const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants

/** A pipe with a non-blocking reading end in the test. Pipes of child processes are sockets. */
export class TestPipe {
  /** For a child process. */
  readonly fd: number
  readonly #reader: number
  readonly #filler: number
  readonly #bytes = Buffer.alloc(1 << 20)

  /** @param path for a named pipe, which is unlinked immediately */
  constructor(path: string) {
    const { status, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`make pipe: ${stderr}`)
    this.#reader = openSync(path, O_RDONLY | O_NONBLOCK)
    this.fd = openSync(path, O_WRONLY)
    this.#filler = openSync(path, O_WRONLY | O_NONBLOCK)
    rmSync(path)
  }

  /**
   * Fills it with empty lines: the next write does not fit, even if the writer enlarges the pipe.
   */
  fill(): void {
    growPipe(this.#filler, largest)
    const lines = Buffer.alloc(4096, '\n')
    for (;;) {
      try {
        writeSync(this.#filler, lines)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        return
      }
    }
  }

  /** Closes the writing ends of this process. */
  closeWriters(): void {
    closeSync(this.fd)
    closeSync(this.#filler)
  }

  /** Its content; undefined once all writers have closed it. */
  read(): string | undefined {
    try {
      const count = readSync(this.#reader, this.#bytes)
      return count === 0 ? undefined : this.#bytes.toString('latin1', 0, count)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      return ''
    }
  }

  close(): void {
    closeSync(this.#reader)
  }
}
