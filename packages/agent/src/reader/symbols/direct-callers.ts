import type { ProcessImage } from './process-mappings.ts'

/** Functions whose stacks lack the caller that are kept. */
const functionsMax = 4096

/**
 * Adds the direct callers of functions to their stacks, where the kernel omits them. Whether it
 * does depends on the kernel and on the function, not on the call: a function that calls itself may
 * be its own caller, which looks as if it were there, but its outermost call has shown that it is
 * not.
 */
export class DirectCallers {
  readonly #omitted = new Set<string>()

  /**
   * The addresses of a user stack, innermost first.
   * @param recorded at the start of a function the complement of its caller comes first
   */
  complete({ pid, start, execs }: ProcessImage, recorded: readonly bigint[]): readonly bigint[] {
    const caller = BigInt.asUintN(64, ~recorded[0])
    // Addresses of user space are positive as signed numbers.
    if (BigInt.asIntN(64, recorded[0]) >= 0n) return recorded
    const [, innermost, ...others] = recorded
    const key = `${pid} ${start} ${execs} ${innermost}`
    if (caller === 0n) return recorded.slice(1)
    if (caller !== others[0]) this.#add(key)
    return this.#omitted.has(key) ? [innermost, caller, ...others] : recorded.slice(1)
  }

  #add(key: string): void {
    if (this.#omitted.size >= functionsMax) this.#omitted.clear()
    this.#omitted.add(key)
  }
}
