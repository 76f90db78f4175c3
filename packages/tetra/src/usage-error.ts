import type { ErrorCodeOf } from './error-codes.ts'

/** Thrown for a command line that cannot be understood; ends tetra with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code: ErrorCodeOf<'UsageError'> = 'usage'
}
