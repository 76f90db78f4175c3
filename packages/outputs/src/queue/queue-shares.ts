import {
  type ClassCounts,
  type EventClass,
  eventClass,
  eventClasses,
  noCounts,
} from './event-class.ts'

/**
 * Parts of a queue that are reserved for a class, by class; the remaining part is for all. Hook
 * events can fill half of a queue, and processes can always use three eighths of it.
 */
const reserved: Readonly<Record<EventClass, number>> = {
  [eventClass.hook]: 1 / 8,
  [eventClass.process]: 3 / 8,
  [eventClass.enforcement]: 1 / 8,
}
/** Part of a class's maximum that must be free again after a loss. */
const reopened = 1 / 8

/**
 * The shares of the classes of events in a bounded queue, in bytes or events. Order is kept: it
 * only decides what the queue accepts.
 */
export class QueueShares {
  readonly #limit: number
  readonly #reserves: ClassCounts
  readonly #used = noCounts()
  /** Classes that lost something, and accept nothing until there is enough room again. */
  readonly #closed = eventClasses.map(() => false)
  #closedCount = 0

  /** @param isShared whether more than one class uses the queue */
  constructor(limit: number, isShared = true) {
    this.#limit = limit
    this.#reserves = eventClasses.map((each) => (isShared ? Math.floor(limit * reserved[each]) : 0))
  }

  /** What is in the queue. */
  get used(): number {
    const [a, b, c] = this.#used
    return a + b + c
  }

  /** Whether a class has lost something and is still closed. */
  get hasClosed(): boolean {
    return this.#closedCount > 0
  }

  /** Room for a class beside what is reserved for the others. */
  room(of: EventClass): number {
    let room = this.#limit
    for (const each of eventClasses) {
      const used = this.#used[each]
      room -= each === of ? used : Math.max(used, this.#reserves[each])
    }
    return room
  }

  /** Whether all of these fit, and no class is closed. */
  fits(sizes: ClassCounts): boolean {
    if (this.hasClosed) return false
    let after = 0
    for (const each of eventClasses) {
      const used = this.#used[each] + sizes[each]
      after += Math.max(used, this.#reserves[each])
      if (after > this.#limit) return false
    }
    return true
  }

  add(to: EventClass, size: number): void {
    this.#used[to] += size
  }

  remove(from: EventClass, size: number): void {
    this.#used[from] -= size
  }

  /** A class has lost something: otherwise each event would be followed by a report of losses. */
  close(each: EventClass): void {
    if (this.#closed[each]) return
    this.#closed[each] = true
    this.#closedCount++
  }

  /** Whether a class accepts something. */
  isOpen(each: EventClass): boolean {
    return !this.#closed[each]
  }

  /** Opens the classes that have enough room again. @returns whether there were any */
  reopen(): boolean {
    const before = this.#closedCount
    for (const each of eventClasses) {
      if (!this.#closed[each] || this.room(each) < this.#maximum(each) * reopened) continue
      this.#closed[each] = false
      this.#closedCount--
    }
    return this.#closedCount < before
  }

  #maximum(of: EventClass): number {
    return eventClasses.reduce<number>(
      (rest, each) => (each === of ? rest : rest - this.#reserves[each]),
      this.#limit,
    )
  }
}
