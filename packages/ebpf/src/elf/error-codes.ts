/** Every code of the ELF reader's errors: by class, with what it means. */
export const errorCodes = {
  ElfError: {
    EBPF_ELF_FORMAT: 'The file is not ELF, or its headers are damaged.',
    EBPF_ELF_LIMIT: 'The ELF file has more headers, symbols or names than the reader accepts.',
    EBPF_ELF_READ: 'The ELF file cannot be read, or is not a regular file.',
    EBPF_ELF_UNSUPPORTED: 'The ELF file is for a machine or byte order that is not supported.',
    EBPF_ELF_XZ: 'The compressed symbols of the ELF file (.gnu_debugdata) cannot be unpacked.',
  },
} as const satisfies Record<string, Record<`EBPF_ELF_${string}`, string>>

/** A code of {@link errorCodes}. */
export type ElfErrorCode = keyof (typeof errorCodes)['ElfError']
