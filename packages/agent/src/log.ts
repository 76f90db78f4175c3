/** Levels of the log, the most urgent one first. */
export const logLevels = ['panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const
export type LogLevelName = (typeof logLevels)[number]

/** Messages for the operator, on standard error. The level can be changed while the agent runs. */
export class Log {
  level: LogLevelName
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
    this.#write(`tetragon: ${message}\n`)
  }
}
