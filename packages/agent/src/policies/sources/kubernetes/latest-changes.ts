import { setImmediate as nextRound } from 'node:timers/promises'
import { KeyedQueues, SerialQueue } from '@tetragon-ts/service/queue'

/**
 * Brings items to their newest state: the changes of one item one after the other, those of
 * different items concurrently. A state that a newer one has overtaken is not applied, so that an
 * item that changes often does not queue up.
 */
export class LatestChanges<State> {
  readonly #apply: (state: State) => Promise<void>
  /** States that are not applied yet, by item. */
  readonly #waiting = new Map<string, State>()
  readonly #steps = new KeyedQueues()
  readonly #rounds = new SerialQueue()

  /** @param apply never fails */
  constructor(apply: (state: State) => Promise<void>) {
    this.#apply = apply
  }

  set(item: string, state: State): void {
    const isWaiting = this.#waiting.has(item)
    this.#waiting.set(item, state)
    // The step that waits takes the newest state.
    if (isWaiting) return
    // The queue continues after a failure, which would be a bug: it must not go unnoticed.
    void this.#steps.run(item, () => this.#step(item)).then(() => {})
  }

  /**
   * Fulfilled when all items are in the state that they should have now, or in a newer one. Later
   * changes do not delay it.
   */
  settled(): Promise<void> {
    return this.#steps.idle()
  }

  async #step(item: string): Promise<void> {
    // Applying a state starts with some milliseconds of computing: I/O runs between two items.
    await this.#rounds.run(() => nextRound())
    const state = this.#waiting.get(item) as State
    this.#waiting.delete(item)
    await this.#apply(state)
  }
}
