/** Stable codes of {@link AsmError}. */
export type AsmErrorCode =
  | 'EBPF_ASM_BAD_REGISTER'
  | 'EBPF_ASM_IMMEDIATE_RANGE'
  | 'EBPF_ASM_OFFSET_RANGE'
  | 'EBPF_ASM_BAD_SIZE'
  | 'EBPF_ASM_BAD_INSTRUCTION'
  | 'EBPF_ASM_UNKNOWN_OPCODE'
  | 'EBPF_ASM_TRUNCATED'
  | 'EBPF_ASM_UNDEFINED_LABEL'
  | 'EBPF_ASM_DUPLICATE_LABEL'
  | 'EBPF_ASM_JUMP_TOO_FAR'

/** What every function of the assembler and the disassembler throws on bad input. */
export class AsmError extends Error {
  override readonly name = 'AsmError'
  readonly code: AsmErrorCode

  constructor(code: AsmErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
