import type { ErrorCodeOf } from './error-codes.ts'

/** Where an expression is wrong: a range of its UTF-16 units. */
export interface ErrorRange {
  readonly start: number
  /** After the wrong part; equal to `start` if something is missing there. */
  readonly end: number
  /** What is wrong, without the expression; not escaped. */
  readonly reason: string
}

/** Thrown for a filter that cannot be evaluated. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly code: ErrorCodeOf<'FilterError'> = 'invalid_filter'
  /** Undefined if the error is not in an expression. */
  readonly range: ErrorRange | undefined

  constructor(message: string, range?: ErrorRange) {
    super(message)
    this.range = range
  }
}
