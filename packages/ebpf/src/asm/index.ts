/** eBPF assembler and disassembler: instructions as plain data, labels, bytes. No kernel access. */
export * from './alu.ts'
export { type Assembled, assemble, isPlace, SLOT_SIZE } from './assemble.ts'
export * from './branch.ts'
export { disassemble } from './disassemble.ts'
export { AsmError, type AsmErrorCode } from './error.ts'
export { format } from './format.ts'
export { type HelperName, helper, helperName } from './helper-numbers.ts'
export type { Instruction, Item, Label, Operand, Place, Size } from './instruction.ts'
export { label, place } from './instruction.ts'
export { withLongJumps } from './long-jumps.ts'
export {
  type AtomicConstructor,
  type AtomicSize,
  atomicAdd,
  atomicAnd,
  atomicCompareExchange,
  atomicExchange,
  atomicFetchAdd,
  atomicFetchAnd,
  atomicFetchOr,
  atomicFetchXor,
  atomicOr,
  atomicXor,
  load,
  loadAcquire,
  loadSigned,
  store,
  storeImm,
  storeRelease,
} from './memory.ts'
export {
  type AttachType,
  attachType,
  type ProgramType,
  programFlag,
  programType,
  programTypeName,
} from './program-type.ts'
export * from './register.ts'
export { replaceMapFds } from './replace-map-fds.ts'
export {
  loadFunction,
  loadImm64,
  loadKernelSymbol,
  loadMapFd,
  loadMapValue,
} from './wide-load.ts'
