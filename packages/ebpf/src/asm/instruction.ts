import { AsmError } from './error.ts'
import type { Register } from './register.ts'

/** A place in the code that jumps, local calls and function loads aim at; one object, one place. */
export interface Label {
  readonly name: string
}

/** A new label. Two labels of the same name are two labels. */
export function label(name: string): Label {
  return { name }
}

/** A register, or a signed 32-bit immediate (sign-extended where the operation has 64 bits). */
export type Operand = Register | number

/** Width of a memory access in bytes. */
export type Size = 1 | 2 | 4 | 8

/**
 * One instruction as plain data (kernel: struct bpf_insn, include/uapi/linux/bpf.h).
 * All fields are always there, so that the assembler's loop sees one object shape.
 */
export interface Instruction {
  /** The opcode byte. */
  readonly code: number
  /** Register numbers; `src` also says what the immediate of calls and wide loads means. */
  readonly dst: number
  readonly src: number
  /** Signed 16 bits: bytes for memory accesses, slots for jumps. */
  readonly offset: number
  /** Signed 32 bits; the low half of `imm64` for a wide load. */
  readonly imm: number
  /** Only of a wide load, which takes two slots: all 64 bits, unsigned. */
  readonly imm64: bigint | undefined
  /** Where it goes; the assembler then fills in the distance. */
  readonly target: Label | undefined
  /** A comment for listings. */
  note: string | undefined
  /** Whatever the caller wants to know again by the slot, e.g. a source position. */
  position: unknown
}

/** Marks the place of a label; takes no slot. */
export interface Place {
  readonly place: Label
}

export type Item = Instruction | Place

/** The label stands before the next instruction. */
export function place(label: Label): Place {
  return { place: label }
}

/** The one maker of instructions: keeps their shape the same and checks the ranges. */
export function instruction(
  code: number,
  dst: number,
  src: number,
  offset: number,
  imm: number,
  target?: Label,
  imm64?: bigint,
): Instruction {
  if (imm !== (imm | 0)) {
    throw new AsmError(
      'EBPF_ASM_IMMEDIATE_RANGE',
      `encode immediate ${imm}: not a signed 32-bit integer`,
    )
  }
  if (offset !== (offset << 16) >> 16) {
    throw new AsmError(
      'EBPF_ASM_OFFSET_RANGE',
      `encode offset ${offset}: not a signed 16-bit integer`,
    )
  }
  return { code, dst, src, offset, imm, imm64, target, note: undefined, position: undefined }
}
