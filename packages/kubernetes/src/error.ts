import type { KubernetesErrorCode } from './error-codes.ts'

/** An error that the user can act on; `code` is stable. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError'
  readonly code: KubernetesErrorCode

  constructor(code: KubernetesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
