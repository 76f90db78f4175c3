import type { ErrorCodeOf } from '../error-codes.ts'

/** Why an event has no compact form. */
export type CompactErrorCode = ErrorCodeOf<'CompactError'>

/** Thrown by the compact printer for an event that has no compact form. */
export class CompactError extends Error {
  override readonly name = 'CompactError'
  readonly code: CompactErrorCode

  constructor(code: CompactErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
