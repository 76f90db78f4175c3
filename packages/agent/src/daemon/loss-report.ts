import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { Log } from '../log/log.ts'
import { type LossSource, readLosses } from '../reader/losses.ts'

const intervalMs = 5000

/** Logs losses while the agent runs. */
export class LossReport {
  readonly #source: LossSource
  readonly #log: Pick<Log, 'warning'>
  readonly #reported = new Map<string, number>()
  #checks: RepeatedAction | undefined

  constructor(source: LossSource, log: Pick<Log, 'warning'>) {
    this.#source = source
    this.#log = log
  }

  /** Checks for losses every few seconds. */
  start(): void {
    const warn = (message: string): void => this.#log.warning(message)
    this.#checks = new RepeatedAction('read losses', intervalMs, () => this.check(), warn)
  }

  /** Checks for the last time. */
  stop(): void {
    this.#checks?.[Symbol.dispose]()
    this.check()
  }

  /** Logs the losses since the last check. */
  check(): void {
    for (const { text, total } of readLosses(this.#source)) {
      if (text === undefined) continue
      const reported = this.#reported.get(text) ?? 0
      if (total > reported) {
        this.#log.warning(`${text}: ${total - reported} more, ${total} in all`)
      }
      this.#reported.set(text, total)
    }
  }
}
