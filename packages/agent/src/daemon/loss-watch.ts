import type { LossKind } from '@tetragon-ts/sensors'
import type { ProcessSensor } from '@tetragon-ts/sensors/process'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { ReaderThread } from '../reader/reader-thread.ts'

/** Interval of the checks, in milliseconds. */
const interval = 1000
/** Losses after which the reader's cache differs from the kernel's table. */
const kinds = [
  'exec',
  'fork',
  'exit',
  'running',
  'table_full',
  'backlog',
] as const satisfies LossKind[]

/**
 * Checks whether records were lost: detection rules that count events are uncertain then. If they
 * were process records, the kernel side sends the processes that the
 * reader does not know, and the reader finds those that have ended.
 */
export class LossWatch implements Disposable {
  readonly #sensor: ProcessSensor
  readonly #reader: ReaderThread
  readonly #checks: RepeatedAction
  #seen = 0
  #seenOfAll = 0

  constructor(sensor: ProcessSensor, reader: ReaderThread, warn: (message: string) => void) {
    this.#sensor = sensor
    this.#reader = reader
    const look = (): void => this.#look()
    this.#checks = new RepeatedAction('find lost processes', interval, look, warn)
  }

  #look(): void {
    const losses = this.#sensor.losses()
    const all = Object.values(losses).reduce((sum, count) => sum + count, 0)
    if (all !== this.#seenOfAll) this.#reader.noteLoss()
    this.#seenOfAll = all
    const lost = kinds.reduce((sum, kind) => sum + losses[kind], 0)
    if (lost === this.#seen) return
    this.#sensor.reportRunning()
    this.#reader.reconcile(this.#sensor.tableFd)
    // A full table keeps refusing the same processes, which requires no new check.
    const refused = this.#sensor.losses().table_full - losses.table_full
    this.#seen = lost + refused
  }

  [Symbol.dispose](): void {
    this.#checks[Symbol.dispose]()
  }
}
