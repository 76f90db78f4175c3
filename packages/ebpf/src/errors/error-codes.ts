/** Every code of this library's errors: by class, with what it means. */
export const errorCodes = {
  EbpfError: {
    EBPF_COUNTER_OFFSET: 'The reference counter of a uprobe is not in the first 4 GiB of its file.',
    EBPF_LANG_STACK: 'The values of a program need more stack than a program has (512 bytes).',
    EBPF_MAP_SIZE: 'The size of a ring buffer is not a power of two, or is out of range.',
    EBPF_NO_EVENT_SOURCE: 'The kernel has no perf events of this kind, such as kprobes.',
    EBPF_NO_HOOK: 'The kernel has no function, tracepoint or iterator of this name.',
    EBPF_NO_TRACEFS: 'tracefs is not mounted.',
    EBPF_NO_TRACEPOINT: 'The kernel has no tracepoint of this name.',
    EBPF_PROGRAM_CODE: 'The code of a program is not a whole number of instructions.',
  },
  SystemCallError: {
    EBPF_SYSCALL: 'The kernel refused a system call; the error has its error number.',
  },
  VerifierError: {
    EBPF_VERIFIER: "The kernel refused to load a program; the error has the verifier's log.",
  },
  BtfLoadError: {
    EBPF_BTF_LOAD: "The kernel refused type information; the error has the kernel's log.",
  },
  LanguageError: {
    EBPF_LANG: 'The program cannot be built: misuse of the language, or a missing kernel field.',
  },
  BtfError: {
    EBPF_BTF_BAD_ARGUMENT: 'The builder cannot write this: too many entries, NUL, wrong order.',
    EBPF_BTF_BAD_ID: 'The BTF has no type with this number.',
    EBPF_BTF_BAD_KIND: 'The BTF has a kind of type or linkage that does not exist.',
    EBPF_BTF_BAD_MAGIC:
      'The file is not BTF, or not of version 1 in the byte order of this machine.',
    EBPF_BTF_BAD_PATH: 'The path of a member cannot be parsed.',
    EBPF_BTF_BAD_STRING: 'The BTF has a string that does not end, or is out of range.',
    EBPF_BTF_CYCLE: 'A type contains itself, or refers to others too deeply.',
    EBPF_BTF_NO_SIZE: 'The type has no size, such as void or a forward declaration.',
    EBPF_BTF_READ: 'The file with the BTF cannot be read.',
    EBPF_BTF_TRUNCATED: 'The BTF ends too early.',
  },
  BtfMemberError: { EBPF_BTF_NO_MEMBER: 'A struct or union has no member of this name.' },
  AsmError: {
    EBPF_ASM_BAD_INSTRUCTION: 'An instruction has fields that do not fit its opcode.',
    EBPF_ASM_BAD_REGISTER: 'There is no such register: they are r0 to r10.',
    EBPF_ASM_BAD_SIZE: 'There is no memory access of this size.',
    EBPF_ASM_DUPLICATE_LABEL: 'A label is placed twice.',
    EBPF_ASM_IMMEDIATE_RANGE: 'A constant does not fit the instruction.',
    EBPF_ASM_JUMP_TOO_FAR: 'The target of a jump is further away than 16 bits can express.',
    EBPF_ASM_OFFSET_RANGE: 'An offset does not fit 16 bits.',
    EBPF_ASM_TRUNCATED: 'The code ends within an instruction.',
    EBPF_ASM_UNDEFINED_LABEL: 'A jump goes to a label that is not placed.',
    EBPF_ASM_UNKNOWN_OPCODE: 'The opcode does not exist.',
  },
} as const satisfies Record<string, Record<`EBPF_${string}`, string>>

type ErrorCodes = typeof errorCodes

/** A code of {@link errorCodes}. */
export type EbpfErrorCode = {
  [Class in keyof ErrorCodes]: keyof ErrorCodes[Class]
}[keyof ErrorCodes]
/** Codes of BtfError and its subclass. */
export type BtfErrorCode = keyof ErrorCodes['BtfError'] | keyof ErrorCodes['BtfMemberError']
/** Codes of AsmError. */
export type AsmErrorCode = keyof ErrorCodes['AsmError']
