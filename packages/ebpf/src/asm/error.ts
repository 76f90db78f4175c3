import type { AsmErrorCode } from '../errors/index.ts'

export type { AsmErrorCode }

/** What every function of the assembler and the disassembler throws on bad input. */
export class AsmError extends Error {
  override readonly name = 'AsmError'
  readonly code: AsmErrorCode

  constructor(code: AsmErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
