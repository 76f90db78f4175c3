/** Counts skipped items with one reason, and keeps the first case. */
export class SkipCounter {
  readonly #what: string
  readonly #unit: string
  #count = 0
  #first = ''

  /**
   * `what` follows the count in the report, in the singular, noun first, such as `event of unknown
   * type`; `unit` is what is numbered.
   */
  constructor(what: string, unit = 'line') {
    this.#what = what
    this.#unit = unit
  }

  /** Counts one case. `reason` must be printable. */
  add(number: number, reason: string): void {
    if (this.#count++ === 0) this.#first = `the first is ${this.#unit} ${number}: ${reason}`
  }

  /** One line for the user; empty if nothing was skipped. */
  report(): string {
    if (this.#count === 0) return ''
    const what = this.#count === 1 ? this.#what : this.#what.replace(/^\w+/, '$&s')
    return `tetra: skipped ${this.#count} ${what} (${this.#first})\n`
  }
}
