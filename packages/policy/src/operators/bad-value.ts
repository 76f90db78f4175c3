/** Why a value of a condition is invalid. */
export class BadValue {
  readonly message: string
  /** Allowed values, if that is a closed set. */
  readonly allowed: readonly string[] | undefined

  constructor(message: string, allowed?: readonly string[]) {
    this.message = message
    this.allowed = allowed
  }
}
