/** What has states that can be made again. */
export interface HasStates {
  forgetStates(): void
}

/**
 * Limits the memory of the states of several automata: if they have too much together, all forget
 * theirs.
 */
export class StateLimit {
  readonly #cellsMax: number
  readonly #users = new Map<HasStates, number>()
  #cells = 0

  /** @param cellsMax maximum number of transitions and instructions of all states, 4 bytes each */
  constructor(cellsMax: number) {
    this.#cellsMax = cellsMax
  }

  /** Counts the cells of a state. @returns false if there were too many, and all are forgotten */
  add(user: HasStates, cells: number): boolean {
    this.#cells += cells
    this.#users.set(user, (this.#users.get(user) ?? 0) + cells)
    if (this.#cells <= this.#cellsMax) return true
    const users = [...this.#users.keys()]
    for (const each of users) each.forgetStates()
    return false
  }

  /** The states of an automaton are gone. */
  release(user: HasStates): void {
    this.#cells -= this.#users.get(user) ?? 0
    this.#users.delete(user)
  }

  /** Cells of all states. */
  get cells(): number {
    return this.#cells
  }
}

/** Of all regular expressions of a thread: 8 MB. */
export const sharedStates = new StateLimit(2_000_000)
