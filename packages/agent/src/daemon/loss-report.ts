import type { Log } from '../log/log.ts'
import { type LossSource, readLosses } from '../reader/losses.ts'

/** Logs the losses since the last report. */
export class LossReport {
  readonly #source: LossSource
  readonly #log: Pick<Log, 'warning'>
  readonly #reported = new Map<string, number>()

  constructor(source: LossSource, log: Pick<Log, 'warning'>) {
    this.#source = source
    this.#log = log
  }

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
