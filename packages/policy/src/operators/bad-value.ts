/** Why a value of a condition cannot be taken. */
export class BadValue {
  readonly message: string
  /** What would be right, when that is a closed set. */
  readonly allowed: readonly string[] | undefined

  constructor(message: string, allowed?: readonly string[]) {
    this.message = message
    this.allowed = allowed
  }
}
