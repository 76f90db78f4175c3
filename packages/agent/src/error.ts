import type { AgentErrorCode } from './error-codes.ts'

/** An error that the operator can act on; `code` is stable. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: AgentErrorCode

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
