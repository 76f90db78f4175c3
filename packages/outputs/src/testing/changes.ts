/** Lets tests wait for a condition that is checked after each change, without polling. */
export class Changes {
  #check: () => void = () => {}

  /** Something has changed. */
  note(): void {
    this.#check()
  }

  /** Fulfilled when the condition is true after a change. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (condition()) resolve()
      }
      this.#check()
    })
  }
}
