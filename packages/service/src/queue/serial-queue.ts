/** Runs tasks one after the other, in the order in which they were added. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** Whether all tasks have ended. */
  get isIdle(): boolean {
    return this.#waiting === 0
  }

  /**
   * Adds a task. The failure of one does not affect the next, and only the result shows it.
   * @returns the result of the task
   * @throws the error of the task
   */
  run<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    this.#waiting++
    const result = this.#last.then(task).finally(() => this.#waiting--)
    this.#last = result.catch(() => {})
    return result
  }

  /** Fulfilled when the tasks that were added so far have ended. */
  async idle(): Promise<void> {
    await this.#last
  }
}
