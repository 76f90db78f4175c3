import type { LogFile } from './log-file.ts'
import { LogOutput } from './log-output.ts'
import { printable } from './printable.ts'

const standardError = 2

/** Levels of the log, the most urgent one first. */
export const logLevels = ['panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const
export type LogLevelName = (typeof logLevels)[number]

/** Text, or one JSON object per line. */
export type LogFormat = 'text' | 'json'

/**
 * Messages for the operator, on standard error and in an optional file. The level can be changed at
 * run time.
 */
export class Log {
  level: LogLevelName
  format: LogFormat = 'text'
  file: LogFile | undefined
  readonly #write: (line: string) => void
  #standardError: LogOutput | undefined

  /** @param write receives lines instead of standard error */
  constructor(level: LogLevelName = 'info', write?: (line: string) => void) {
    this.level = level
    this.#write = write ?? ((line) => this.#writeStandardError(line))
  }

  #writeStandardError(line: string): void {
    this.#standardError ??= new LogOutput(standardError, (lost) =>
      Buffer.from(this.#lossLine(lost)),
    )
    this.#standardError.write(line)
  }

  #lossLine(lost: number): string {
    const message = `${lost} lines of the log could not be written here`
    return this.format === 'json' ? asJson('warning', message) : `tetragon: ${message}\n`
  }

  /** Waits until all messages are written, for a limited time. */
  async finish(): Promise<void> {
    await Promise.all([this.#standardError?.finish(), this.file?.finish()])
  }

  /** Whether a pending write keeps the process alive. */
  get isStuck(): boolean {
    return this.#standardError?.isStuck === true || this.file?.isStuck === true
  }

  error(message: string): void {
    this.#say('error', message)
  }

  warning(message: string): void {
    this.#say('warning', message)
  }

  info(message: string): void {
    this.#say('info', message)
  }

  debug(message: string): void {
    this.#say('debug', message)
  }

  /**
   * A message of one line that is written at every level.
   * @param fields the same as JSON
   */
  audit(message: string, fields: object): void {
    this.#put('info', message, { audit: fields })
  }

  #say(level: LogLevelName, message: string): void {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.level)) return
    this.#put(level, message)
  }

  #put(level: LogLevelName, message: string, fields = {}): void {
    if (this.format === 'json') {
      const line = asJson(level, message, fields)
      this.#write(line)
      this.file?.write(line)
      return
    }
    const text = printable(message)
    this.#write(`tetragon: ${text}\n`)
    this.file?.write(`${new Date().toISOString()} ${level}: ${text}\n`)
  }
}

function asJson(level: LogLevelName, message: string, fields = {}): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields })}\n`
}
