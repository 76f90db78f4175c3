/** BTF, the kernel's type information: a reader that decodes on demand and a small writer. */
export { Btf, type ModuleTypes, VMLINUX_BTF } from './btf.ts'
export { BtfBuilder, type BuilderBase, type IntEncoding, type NewMember } from './builder.ts'
export { BtfError, type BtfErrorCode, BtfMemberError } from './error.ts'
export type { BtfKind } from './kind.ts'
export type { MemberLocation } from './member.ts'
export type { ProgramBtf } from './program-btf.ts'
export {
  encodeFuncInfo,
  encodeLineInfo,
  FUNC_INFO_SIZE,
  type FuncInfo,
  LINE_INFO_SIZE,
  type LineInfo,
} from './program-info.ts'
export type { Prototype } from './prototype.ts'
export type * from './type.ts'
