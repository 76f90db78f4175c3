import { escapeUnprintable } from '@tetragon-ts/api'
import type { LogFile } from './log-file.ts'

/** Levels of the log, the most urgent one first. */
export const logLevels = ['panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const
export type LogLevelName = (typeof logLevels)[number]

/** Text for people, or an object a line for machines. */
export type LogFormat = 'text' | 'json'

/**
 * Messages for the operator, on standard error and in a file if there is one. The level can be
 * changed while the agent runs.
 */
export class Log {
  level: LogLevelName
  format: LogFormat = 'text'
  file: LogFile | undefined
  readonly #write: (line: string) => void

  constructor(
    level: LogLevelName = 'info',
    write = (line: string): void => void process.stderr.write(line),
  ) {
    this.level = level
    this.#write = write
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

  #say(level: LogLevelName, message: string): void {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.level)) return
    const time = new Date().toISOString()
    if (this.format === 'json') {
      const line = `${JSON.stringify({ time, level, msg: message })}\n`
      this.#write(line)
      this.file?.write(line)
      return
    }
    // Names of files and processes are from outside: they must not steer a terminal.
    const text = message.split('\n').map(escapeUnprintable).join('\n')
    this.#write(`tetragon: ${text}\n`)
    this.file?.write(`${time} ${level}: ${text}\n`)
  }
}
