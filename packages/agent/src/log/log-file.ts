import { closeSync } from 'node:fs'
import { AgentError } from '../error.ts'
import { openOwnFile } from '../files/own-file.ts'
import { LogOutput } from './log-output.ts'

/**
 * A log file. Messages that cannot be written, for example on a full disk, are only on standard
 * error.
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

  /** Continues in a new file of that name, after the old one was moved. @throws AgentError */
  reopen(): void {
    const fd = open(this.path)
    void this.close()
    this.#fd = fd
    this.#output = new LogOutput(fd, lossLine)
  }

  write(line: string): void {
    this.#output.write(line)
  }

  /** Waits until everything is written, for a limited time. */
  finish(): Promise<void> {
    return this.#output.finish()
  }

  /** Whether a pending write keeps the process alive. */
  get isStuck(): boolean {
    return this.#leftBehind || this.#output.isStuck
  }

  /** Closes the file when everything is written. A file that does not respond stays open. */
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
