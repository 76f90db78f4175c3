/** Notices operations of the disk that do not end in time. */
export class DiskWatch {
  readonly #patience: number
  readonly #stuckNow: () => void
  #stuck = 0

  /**
   * @param patience how long an operation may take, in milliseconds
   * @param stuckNow is called when one takes longer
   */
  constructor(patience: number, stuckNow: () => void) {
    this.#patience = patience
    this.#stuckNow = stuckNow
  }

  /** Whether an operation takes too long. Each holds a thread of Node.js: start no others. */
  get isStuck(): boolean {
    return this.#stuck > 0
  }

  /**
   * Waits for an operation, but not too long.
   * @returns whether it has ended
   * @throws the error of the operation
   */
  async within(action: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        this.#stuck++
        const end = (): void => void this.#stuck--
        action.then(end, end)
        this.#stuckNow()
        resolve(false)
      }, this.#patience)
    })
    try {
      return await Promise.race([action.then(() => true), tooLate])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits for an operation, however long it takes. @throws the error of the operation */
  async over<T>(action: Promise<T>): Promise<T> {
    await this.within(action)
    return action
  }
}
