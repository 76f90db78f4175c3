import type { ErrorCodeOf } from './error-codes.ts'

/** Thrown for an invalid command line; ends tetra with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code: ErrorCodeOf<'UsageError'> = 'usage'
}
