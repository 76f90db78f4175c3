import { limitMs } from './until.ts'

/** Lets tests wait for a condition that is checked after each change, without polling. */
export class Changes {
  #check: () => void = () => {}

  /** Something has changed. */
  note(): void {
    this.#check()
  }

  /** Fulfilled when the condition is true after a change. @throws Error after a minute */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = new Error(`${limitMs} ms without: ${condition}`)
      const timer = setTimeout(reject, limitMs, late)
      this.#check = () => {
        if (!condition()) return
        clearTimeout(timer)
        resolve()
      }
      this.#check()
    })
  }
}
