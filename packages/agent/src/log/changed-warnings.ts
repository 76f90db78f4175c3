/** Warnings about a state, of which each is logged when it begins and not while it lasts. */
export class ChangedWarnings {
  readonly #warn: (message: string) => void
  #before: ReadonlySet<string> = new Set()

  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  /** Logs those that are new. @param all that hold now */
  report(all: readonly string[]): void {
    const now = new Set(all)
    for (const each of now) if (!this.#before.has(each)) this.#warn(each)
    this.#before = now
  }
}
