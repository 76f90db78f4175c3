// Pure: no part of the FFI is loaded.

export { ElfFile, type UsdtProbe } from './elf-file.ts'
