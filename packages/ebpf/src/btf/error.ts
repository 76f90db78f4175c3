/** Stable codes of {@link BtfError}. */
export type BtfErrorCode =
  | 'EBPF_BTF_READ'
  | 'EBPF_BTF_BAD_MAGIC'
  | 'EBPF_BTF_TRUNCATED'
  | 'EBPF_BTF_BAD_KIND'
  | 'EBPF_BTF_BAD_ID'
  | 'EBPF_BTF_BAD_STRING'
  | 'EBPF_BTF_CYCLE'
  | 'EBPF_BTF_NO_SIZE'
  | 'EBPF_BTF_BAD_PATH'
  | 'EBPF_BTF_NO_MEMBER'
  | 'EBPF_BTF_BAD_ARGUMENT'

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
