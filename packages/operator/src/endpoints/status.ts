/** Receives changes of the status. @param problem undefined: the part works again */
export type StatusListener = (part: string, problem: string | undefined) => void

/**
 * Problems of the operator by part, such as a watch that fails. Without problems the operator is
 * ready.
 */
export class Status {
  readonly #problems = new Map<string, string>()
  readonly #changed: StatusListener
  /** Number of failures since the start. */
  failures = 0

  constructor(changed: StatusListener) {
    this.#changed = changed
  }

  /** A part has not succeeded yet. */
  expect(part: string): void {
    this.#problems.set(part, 'not done yet')
  }

  /** A part has failed; it tries again. */
  fail(part: string, { message }: Error): void {
    this.failures++
    if (this.#problems.get(part) === message) return
    this.#problems.set(part, message)
    this.#changed(part, message)
  }

  /** A part has succeeded. */
  succeed(part: string): void {
    if (this.#problems.delete(part)) this.#changed(part, undefined)
  }

  /** The work on all parts has ended. */
  clear(): void {
    this.#problems.clear()
  }

  /** A line for each problem. */
  get problems(): string[] {
    return [...this.#problems].map(([part, problem]) => `${part}: ${problem}`)
  }
}
