/** Limits how many tasks run at the same time; the others wait in order. */
export class Semaphore {
  #free: number
  readonly #waiting: (() => void)[] = []

  /** @param max number of tasks that may run */
  constructor(max: number) {
    this.#free = max
  }

  /**
   * Runs a task when fewer than the maximum run.
   * @throws the error of the task
   */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
