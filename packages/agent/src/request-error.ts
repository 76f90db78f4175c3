import type { RequestErrorCode } from './error-codes.ts'

/** An answer to a request that says what is wrong; the message is for the user. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: RequestErrorCode

  constructor(code: RequestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
