import type { BtfErrorCode } from '../errors/index.ts'

export type { BtfErrorCode }

/** What every function of the BTF reader and writer throws on bad input. */
export class BtfError extends Error {
  override readonly name: string = 'BtfError'
  readonly code: BtfErrorCode

  constructor(code: BtfErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A member path that does not exist: `struct` has no member `member`. */
export class BtfMemberError extends BtfError {
  override readonly name = 'BtfMemberError'
  /** The type in C, e.g. `struct sock_common`. */
  readonly struct: string
  readonly member: string

  constructor(path: string, struct: string, member: string, cause: string) {
    super('EBPF_BTF_NO_MEMBER', `resolve ${path}: ${cause}`)
    this.struct = struct
    this.member = member
  }
}
