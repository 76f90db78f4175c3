/** What the reader's thread has reached: each occurs once. */
export class Milestones<Name extends string> {
  readonly #reached = new Set<Name>()
  #end: { readonly failure: Error | undefined } | undefined
  #wake: (() => void) | undefined

  has(name: Name): boolean {
    return this.#reached.has(name)
  }

  reach(name: Name): void {
    this.#reached.add(name)
    this.#wake?.()
  }

  /** Nothing else will be reached. */
  end(failure?: Error): void {
    this.#end ??= { failure }
    this.#wake?.()
  }

  /**
   * Fulfilled when one of them is reached, or at the end. Only one caller waits at a time.
   * @throws the failure that was the end
   */
  async until(...names: readonly Name[]): Promise<void> {
    // Not a race with a promise of the end: it would keep every race until then.
    while (!names.some((name) => this.#reached.has(name))) {
      if (this.#end?.failure) throw this.#end.failure
      if (this.#end) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
