/** A load of a policy that is under way. */
export class Loading {
  #done = 0
  #total = 0
  #isCancelled = false

  /** Steps that are done: each hook is compiled, loaded and attached. */
  get done(): number {
    return this.#done
  }

  /** 0: not known yet. */
  get total(): number {
    return this.#total
  }

  /** Whether the policy was deleted in the meantime. */
  get isCancelled(): boolean {
    return this.#isCancelled
  }

  /** The load has begun, perhaps again with other back ends. */
  begin(total: number): void {
    this.#done = 0
    this.#total = total
  }

  advance(): void {
    if (this.#done < this.#total) this.#done++
  }

  cancel(): void {
    this.#isCancelled = true
  }
}
