import { escapeUnprintable } from '@tetragon-ts/api'

/** Messages for the user, on standard error. */
export class Log {
  readonly #write: (line: string) => void

  /** @param write receives lines instead of standard error */
  constructor(write: (line: string) => void = (line) => process.stderr.write(line)) {
    this.#write = write
  }

  info(message: string): void {
    this.#say(message)
  }

  warning(message: string): void {
    this.#say(`warning: ${message}`)
  }

  error(message: string): void {
    this.#say(`error: ${message}`)
  }

  #say(message: string): void {
    // Names of objects are untrusted: they must not control a terminal.
    this.#write(`tetragon-operator: ${escapeUnprintable(message)}\n`)
  }
}
