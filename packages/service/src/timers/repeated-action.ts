/**
 * An action that is repeated at an interval, unless its last run has not ended. A failure, for
 * example without a free descriptor, does not end the process: the action runs again after the
 * interval, and a warning reports the failure when it begins.
 */
export class RepeatedAction implements Disposable {
  readonly #name: string
  readonly #action: () => void | Promise<void>
  readonly #warn: (message: string) => void
  readonly #effect: string
  readonly #timer: NodeJS.Timeout
  #isRunning = false
  /** The failure of the last run. */
  #failure: string | undefined

  /**
   * @param name for warnings, such as `check for losses`; empty: the failures say it
   * @param intervalMs time between two runs, in milliseconds; the first one is after it
   * @param effect of a failure, for warnings
   */
  constructor(
    name: string,
    intervalMs: number,
    action: () => void | Promise<void>,
    warn: (message: string) => void,
    effect = 'it is tried again',
  ) {
    this.#name = name
    this.#action = action
    this.#warn = warn
    this.#effect = effect
    this.#timer = setInterval(() => void this.#run(), intervalMs).unref()
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      await this.#action()
      this.#failure = undefined
    } catch (error) {
      const { message } = error as Error
      if (message === this.#failure) return
      this.#failure = message
      const subject = this.#name === '' ? '' : `${this.#name}: `
      this.#warn(`${subject}${message}; ${this.#effect}`)
    } finally {
      this.#isRunning = false
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
