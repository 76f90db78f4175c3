import { closeSync } from 'node:fs'
import { AgentError } from '../error.ts'
import { openOwnFile } from '../files/own-file.ts'
import { LogOutput } from './log-output.ts'

/**
 * A file that messages are appended to. What cannot be written, such as on a full disk, is left
 * out: standard error has it.
 */
export class LogFile {
  readonly path: string
  #fd: number
  #output: LogOutput
  #leftBehind = false

  /** @throws AgentError AGENT_OPTION */
  constructor(path: string) {
    this.path = path
    this.#fd = open(path)
    this.#output = new LogOutput(this.#fd, lossLine)
  }

  /** Goes on in a new file of that name, after the old one was moved away. @throws AgentError */
  reopen(): void {
    const fd = open(this.path)
    void this.close()
    this.#fd = fd
    this.#output = new LogOutput(fd, lossLine)
  }

  write(line: string): void {
    this.#output.write(line)
  }

  /** Waits until all is written, for a while. */
  finish(): Promise<void> {
    return this.#output.finish()
  }

  /** Whether a write is under way that keeps the process from its end. */
  get isStuck(): boolean {
    return this.#leftBehind || this.#output.isStuck
  }

  /** Closes the file when all is written. One that does not respond stays open. */
  async close(): Promise<void> {
    const fd = this.#fd
    const output = this.#output
    await output.finish()
    if (output.isStuck) this.#leftBehind = true
    else closeSync(fd)
  }
}

function lossLine(lost: number): Buffer {
  return Buffer.from(`${lost} lines could not be written\n`)
}

function open(path: string): number {
  try {
    return openOwnFile(path, 0o600).fd
  } catch (cause) {
    const message = `write the log to ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_OPTION', message, { cause })
  }
}
