import type { KernelFileErrorCode } from '../error-codes.ts'

/** A description of a kernel that cannot be used; `code` is stable. */
export class KernelFileError extends Error {
  override readonly name = 'KernelFileError'
  readonly code: KernelFileErrorCode

  constructor(code: KernelFileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
