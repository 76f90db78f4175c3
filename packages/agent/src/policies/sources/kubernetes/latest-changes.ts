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
  /** The last step of each item, until it has ended. */
  readonly #last = new Map<string, Promise<void>>()
  #round: Promise<unknown> = Promise.resolve()

  /** @param apply never fails */
  constructor(apply: (state: State) => Promise<void>) {
    this.#apply = apply
  }

  set(item: string, state: State): void {
    const isWaiting = this.#waiting.has(item)
    this.#waiting.set(item, state)
    // The step that waits takes the newest state.
    if (!isWaiting) this.#addStep(item)
  }

  /**
   * Fulfilled when all items are in the state that they should have now, or in a newer one. Later
   * changes do not delay it.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values())
  }

  #addStep(item: string): void {
    const step = (this.#last.get(item) ?? Promise.resolve()).then(() => this.#step(item))
    this.#last.set(item, step)
    void step.then(() => {
      if (this.#last.get(item) === step) this.#last.delete(item)
    })
  }

  async #step(item: string): Promise<void> {
    // Applying a state starts with some milliseconds of computing: I/O runs between two items.
    this.#round = this.#round.then(() => nextRound())
    await this.#round
    const state = this.#waiting.get(item) as State
    this.#waiting.delete(item)
    await this.#apply(state)
  }
}
