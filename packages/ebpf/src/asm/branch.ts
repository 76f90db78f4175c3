import type { Bits } from './alu.ts'
import { type Instruction, instruction, type Label, type Operand } from './instruction.ts'
import { CALL, Class, EXIT, GOTO_LONG, Jump, PseudoCall, Source } from './opcode.ts'
import type { Register } from './register.ts'

/** Comparisons of jumpIf; gt to le are unsigned, sgt to sle signed, `set` is dst & operand. */
export type JumpOp = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'sgt' | 'sge' | 'slt' | 'sle' | 'set'

const CODES: Readonly<Record<JumpOp, number>> = {
  eq: Jump.JEQ,
  ne: Jump.JNE,
  gt: Jump.JGT,
  ge: Jump.JGE,
  lt: Jump.JLT,
  le: Jump.JLE,
  sgt: Jump.JSGT,
  sge: Jump.JSGE,
  slt: Jump.JSLT,
  sle: Jump.JSLE,
  set: Jump.JSET,
}

/** goto target, at most 32767 slots away */
export function jump(target: Label): Instruction {
  return instruction(Class.JMP | Jump.JA, 0, 0, 0, 0, target)
}

/** goto target, at any distance. Kernel 6.6. */
export function jumpLong(target: Label): Instruction {
  return instruction(GOTO_LONG, 0, 0, 0, 0, target)
}

/** if dst op operand goto target, comparing 64 bits by default. The 32-bit form: kernel 5.1. */
export function jumpIf(
  op: JumpOp,
  dst: Register,
  operand: Operand,
  target: Label,
  width?: Bits,
): Instruction {
  const code = (width?.bits === 32 ? Class.JMP32 : Class.JMP) | CODES[op]
  return typeof operand === 'number'
    ? instruction(code | Source.K, dst.number, 0, 0, operand, target)
    : instruction(code | Source.X, dst.number, operand.number, 0, 0, target)
}

/** goto target, or go on once the kernel's loop budget is used up. Kernel 6.9. */
export function mayGoto(target: Label): Instruction {
  return instruction(Class.JMP | Jump.JCOND, 0, 0, 0, 0, target)
}

/** r0 = helper(r1, …, r5), by the number in `helper`; r1 to r5 are lost */
export function call(helperNumber: number): Instruction {
  return instruction(CALL, 0, PseudoCall.HELPER, 0, helperNumber)
}

/**
 * r0 = kernel function(r1, …, r5), by the id of its FUNC in BTF. Kernel 5.13.
 * `moduleFdIndex` is 0 for vmlinux, else the place of the module's BTF in the load's fd_array.
 */
export function callKfunc(btfId: number, moduleFdIndex = 0): Instruction {
  return instruction(CALL, 0, PseudoCall.KFUNC, moduleFdIndex, btfId)
}

/** r0 = function at the label(r1, …, r5), in this program; it has a stack of its own */
export function callLocal(target: Label): Instruction {
  return instruction(CALL, 0, PseudoCall.LOCAL, 0, 0, target)
}

/** return r0 */
export function exit(): Instruction {
  return instruction(EXIT, 0, 0, 0, 0)
}
