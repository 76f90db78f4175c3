import { AsmError } from './error.ts'
import { type Instruction, instruction, type Operand } from './instruction.ts'
import { Alu, Class, Source } from './opcode.ts'
import type { Register } from './register.ts'

/** Operations with a destination and one operand. */
export type AluOp =
  | 'mov'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'mod'
  | 'or'
  | 'and'
  | 'xor'
  | 'lsh'
  | 'rsh'
  | 'arsh'

/** Width of an operation. With 32, the upper half of the destination becomes zero. */
export interface Bits {
  readonly bits: 32 | 64
}

export type AluConstructor = (dst: Register, operand: Operand) => Instruction

const CODES: Readonly<Record<AluOp, number>> = {
  mov: Alu.MOV,
  add: Alu.ADD,
  sub: Alu.SUB,
  mul: Alu.MUL,
  div: Alu.DIV,
  mod: Alu.MOD,
  or: Alu.OR,
  and: Alu.AND,
  xor: Alu.XOR,
  lsh: Alu.LSH,
  rsh: Alu.RSH,
  arsh: Alu.ARSH,
}

function encode(cls: number, op: number, dst: Register, operand: Operand, offset = 0): Instruction {
  return typeof operand === 'number'
    ? instruction(cls | op | Source.K, dst.number, 0, offset, operand)
    : instruction(cls | op | Source.X, dst.number, operand.number, offset, 0)
}

const wide = (op: AluOp): AluConstructor => {
  const code = CODES[op]
  return (dst, operand) => encode(Class.ALU64, code, dst, operand)
}

/** Any two-operand operation by its name, 64 bits wide by default. */
export function alu(op: AluOp, dst: Register, operand: Operand, width?: Bits): Instruction {
  return encode(width?.bits === 32 ? Class.ALU : Class.ALU64, CODES[op], dst, operand)
}

/** dst = operand */
export const mov: AluConstructor = wide('mov')
/** dst = operand, low 32 bits */
export const mov32: AluConstructor = (dst, operand) => encode(Class.ALU, CODES.mov, dst, operand)
/** dst += operand */
export const add: AluConstructor = wide('add')
/** dst -= operand */
export const sub: AluConstructor = wide('sub')
/** dst *= operand */
export const mul: AluConstructor = wide('mul')
/** dst /= operand, unsigned; a division by zero gives 0 */
export const div: AluConstructor = wide('div')
/** dst %= operand, unsigned; by zero leaves dst as it is */
export const mod: AluConstructor = wide('mod')
/** dst |= operand */
export const or: AluConstructor = wide('or')
/** dst &= operand */
export const and: AluConstructor = wide('and')
/** dst ^= operand */
export const xor: AluConstructor = wide('xor')
/** dst <<= operand */
export const lsh: AluConstructor = wide('lsh')
/** dst >>= operand, zeros come in */
export const rsh: AluConstructor = wide('rsh')
/** dst >>= operand, the sign comes in */
export const arsh: AluConstructor = wide('arsh')

/** dst /= operand, signed. Kernel 6.6. */
export function signedDiv(dst: Register, operand: Operand, width?: Bits): Instruction {
  return encode(width?.bits === 32 ? Class.ALU : Class.ALU64, Alu.DIV, dst, operand, 1)
}

/** dst %= operand, signed. Kernel 6.6. */
export function signedMod(dst: Register, operand: Operand, width?: Bits): Instruction {
  return encode(width?.bits === 32 ? Class.ALU : Class.ALU64, Alu.MOD, dst, operand, 1)
}

/** dst = the low `from` bits of src, sign-extended to 64 bits (or to 32). Kernel 6.6. */
export function movSigned(
  dst: Register,
  src: Register,
  from: 8 | 16 | 32,
  width?: Bits,
): Instruction {
  if (width?.bits === 32 && from === 32) {
    throw new AsmError('EBPF_ASM_BAD_SIZE', 'encode sign extension: 32 to 32 bits is a plain move')
  }
  return encode(width?.bits === 32 ? Class.ALU : Class.ALU64, Alu.MOV, dst, src, from)
}

/** dst = -dst */
export function neg(dst: Register): Instruction {
  return instruction(Class.ALU64 | Alu.NEG, dst.number, 0, 0, 0)
}

/** dst = -dst, in 32 bits */
export function neg32(dst: Register): Instruction {
  return instruction(Class.ALU | Alu.NEG, dst.number, 0, 0, 0)
}

/** dst = its low bits in big-endian (network) order, the rest zero */
export function toBigEndian(dst: Register, bits: 16 | 32 | 64): Instruction {
  return instruction(Class.ALU | Alu.END | Source.X, dst.number, 0, 0, bits)
}

/** dst = its low bits in little-endian order, the rest zero */
export function toLittleEndian(dst: Register, bits: 16 | 32 | 64): Instruction {
  return instruction(Class.ALU | Alu.END | Source.K, dst.number, 0, 0, bits)
}

/** dst = its low bits with the bytes reversed, the rest zero. Kernel 6.6. */
export function swapBytes(dst: Register, bits: 16 | 32 | 64): Instruction {
  return instruction(Class.ALU64 | Alu.END, dst.number, 0, 0, bits)
}
