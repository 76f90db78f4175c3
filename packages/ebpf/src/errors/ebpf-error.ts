import type { EbpfErrorCode } from './error-codes.ts'

/**
 * An error of this library: `code` is stable, the message says the action first, then the cause.
 */
export class EbpfError extends Error {
  override readonly name: string = 'EbpfError'
  readonly code: EbpfErrorCode

  constructor(code: EbpfErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
