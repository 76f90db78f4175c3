import { setImmediate as nextRound } from 'node:timers/promises'

/**
 * Brings items to their newest state: the changes of one item one after the other, those of
 * different items concurrently. A state that a newer one has overtaken is not applied, so that an
 * item that changes often does not queue up.
 */
export class LatestChanges<State> {
  readonly #apply: (state: State) => Promise<void>
  /** States that are not applied yet, by item. */
  readonly #waiting = new Map<string, State>()
  readonly #running = new Map<string, Promise<void>>()
  #round: Promise<unknown> = Promise.resolve()

  /** @param apply never fails */
  constructor(apply: (state: State) => Promise<void>) {
    this.#apply = apply
  }

  set(item: string, state: State): void {
    this.#waiting.set(item, state)
    if (!this.#running.has(item)) this.#running.set(item, this.#run(item))
  }

  /** Fulfilled when all items are in the state that they should have now, or in a newer one. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async #run(item: string): Promise<void> {
    while (this.#waiting.has(item)) {
      // Applying a state starts with some milliseconds of computing: I/O runs between two items.
      this.#round = this.#round.then(() => nextRound())
      await this.#round
      const state = this.#waiting.get(item) as State
      this.#waiting.delete(item)
      await this.#apply(state)
    }
    this.#running.delete(item)
  }
}
