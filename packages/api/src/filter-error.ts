import type { ErrorCodeOf } from './error-codes.ts'

/** Thrown for a filter that cannot be evaluated. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly code: ErrorCodeOf<'FilterError'> = 'invalid_filter'
}
