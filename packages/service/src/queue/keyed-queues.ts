/** Runs tasks with the same key one after the other, those with different keys concurrently. */
export class KeyedQueues {
  /** The last task of each key, until it has ended. */
  readonly #last = new Map<string, Promise<unknown>>()

  /**
   * Adds a task. The failure of one does not affect the next, and only the result shows it.
   * @returns the result of the task
   * @throws the error of the task
   */
  run<Result>(key: string, task: () => Result | Promise<Result>): Promise<Result> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(task)
    const over = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === over) this.#last.delete(key)
      })
    this.#last.set(key, over)
    return result
  }

  /** Fulfilled when the tasks that were added so far have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values())
  }
}
