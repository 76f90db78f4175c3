import { closeSync, writeSync } from 'node:fs'
import { AgentError } from './error.ts'
import { openOwnFile } from './files/own-file.ts'

/**
 * A file that messages are appended to. What cannot be written, such as on a full disk, is left out:
 * standard error has it.
 */
export class LogFile implements Disposable {
  readonly path: string
  #fd: number

  /** @throws AgentError AGENT_OPTION */
  constructor(path: string) {
    this.path = path
    this.#fd = open(path)
  }

  /** Goes on in a new file of that name, after the old one was moved away. @throws AgentError */
  reopen(): void {
    const fd = open(this.path)
    closeSync(this.#fd)
    this.#fd = fd
  }

  write(line: string): void {
    try {
      writeSync(this.#fd, line)
    } catch {
      // Nowhere to tell it but standard error, which has the line already.
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

function open(path: string): number {
  try {
    return openOwnFile(path, 0o600).fd
  } catch (cause) {
    const message = `write the log to ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_OPTION', message, { cause })
  }
}
