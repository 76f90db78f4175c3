/**
 * An action that is repeated at an interval. A failure, for example without a free descriptor, does
 * not end the process: the action runs again after the interval, and a warning reports the failure
 * when it begins.
 */
export class RepeatedAction implements Disposable {
  readonly #name: string
  readonly #action: () => void | Promise<void>
  readonly #warn: (message: string) => void
  readonly #timer: NodeJS.Timeout
  /** The failure of the last run. */
  #failure: string | undefined

  /**
   * @param name for warnings, such as `check for losses`
   * @param intervalMs time between two runs, in milliseconds; the first one is after it
   */
  constructor(
    name: string,
    intervalMs: number,
    action: () => void | Promise<void>,
    warn: (message: string) => void,
  ) {
    this.#name = name
    this.#action = action
    this.#warn = warn
    this.#timer = setInterval(() => void this.#run(), intervalMs).unref()
  }

  async #run(): Promise<void> {
    try {
      await this.#action()
      this.#failure = undefined
    } catch (error) {
      const { message } = error as Error
      if (message === this.#failure) return
      this.#failure = message
      this.#warn(`${this.#name}: ${message}; it is tried again`)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
