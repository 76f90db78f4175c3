import type { ElfErrorCode } from './error-codes.ts'

/** An ELF file that cannot be used: `code` is stable, the message says the action first. */
export class ElfError extends Error {
  override readonly name = 'ElfError'
  readonly code: ElfErrorCode

  constructor(code: ElfErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
