// Pure: no part of the FFI is loaded.

export { ElfFile } from './elf-file.ts'
export { ElfError } from './error.ts'
export { type ElfErrorCode, errorCodes } from './error-codes.ts'
export type { ElfBits } from './fields.ts'
export type { ElfMachine, ElfType } from './header.ts'
export { bytesSource, descriptorSource, type ElfSource, type OpenSource } from './source.ts'
export { type DebugFileOpener, debugFilesIn } from './symbols/debug-file.ts'
export type { ElfSymbol, ElfSymbolKind } from './symbols/symbol.ts'
export type { SymbolTable } from './symbols/symbol-table.ts'
export type { UsdtArgument } from './usdt/argument.ts'
export type { UsdtProbe } from './usdt/probes.ts'
