import { type EventClass, eventClass, noCounts } from './event-class.ts'
import type { LossReport } from './event-store.ts'
import type { QueueShares } from './queue-shares.ts'

/** A bound of a store, such as that of its memory. */
export interface Bound {
  readonly shares: QueueShares
  /** Bytes of an event beside its line. */
  readonly overhead: number
}

/**
 * Decides which events a bounded store accepts. The others are counted as lost, and reported in
 * their place once a part of the store is free again.
 */
export class Admission {
  readonly #bounds: readonly Bound[]
  readonly #report: LossReport
  readonly #append: (of: EventClass, line: Uint8Array, arrived: number) => void
  /** Events that were lost, by class. */
  readonly lost = noCounts()
  #unreported = 0

  /** @param append stores an accepted event; the bounds are charged here */
  constructor(bounds: readonly Bound[], report: LossReport, append: Admission['add']) {
    this.#bounds = bounds
    this.#report = report
    this.#append = append
  }

  /** Adds an event, if it fits. */
  add(of: EventClass, line: Uint8Array, arrived: number): void {
    let isAccepted = true
    let hasClosed = false
    for (const { shares, overhead } of this.#bounds) {
      if (shares.hasClosed) shares.reopen()
      if (!shares.isOpen(of) || line.length + overhead > shares.room(of)) {
        shares.close(of)
        isAccepted = false
      }
      hasClosed ||= shares.hasClosed
    }
    if (!isAccepted) return this.lose(of, 1)
    if (!hasClosed) this.report(arrived)
    this.#accept(of, line, arrived)
  }

  /** Adds an event in place of those that were lost since the last one, if there are any. */
  report(now: number): void {
    if (this.#unreported === 0) return
    this.#accept(eventClass.process, this.#report(this.#unreported), now)
    this.#unreported = 0
  }

  #accept(of: EventClass, line: Uint8Array, arrived: number): void {
    for (const { shares, overhead } of this.#bounds) shares.add(of, line.length + overhead)
    this.#append(of, line, arrived)
  }

  /** Counts events as lost. */
  lose(of: EventClass, count: number): void {
    this.lost[of] += count
    this.#unreported += count
  }
}
