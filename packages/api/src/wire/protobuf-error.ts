import type { ErrorCodeOf } from '../error-codes.ts'

/** Thrown for bytes that are not a message, and for values without a wire form. */
export type ProtobufErrorCode = ErrorCodeOf<'ProtobufError'>

/** Thrown by codecs for bytes or values that they cannot convert. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
  readonly code: ProtobufErrorCode

  constructor(code: ProtobufErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
