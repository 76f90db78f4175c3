/**
 * The fields of the one-byte opcode (kernel: include/uapi/linux/bpf.h and bpf_common.h,
 * Documentation/bpf/standardization/instruction-set.rst).
 */

/** Instruction classes: the low three bits. */
export const Class = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, JMP32: 6, ALU64: 7 } as const

/** Source of the second operand, for arithmetic and jumps: immediate or register. */
export const Source = { K: 0x00, X: 0x08 } as const

/** Access width of loads and stores. */
export const Width = { W: 0x00, H: 0x08, B: 0x10, DW: 0x18 } as const

/** Addressing mode of loads and stores. */
export const Mode = {
  IMM: 0x00,
  ABS: 0x20,
  IND: 0x40,
  MEM: 0x60,
  MEMSX: 0x80,
  ATOMIC: 0xc0,
} as const

/** Operations of the classes ALU and ALU64. */
export const Alu = {
  ADD: 0x00,
  SUB: 0x10,
  MUL: 0x20,
  DIV: 0x30,
  OR: 0x40,
  AND: 0x50,
  LSH: 0x60,
  RSH: 0x70,
  NEG: 0x80,
  MOD: 0x90,
  XOR: 0xa0,
  MOV: 0xb0,
  ARSH: 0xc0,
  END: 0xd0,
} as const

/** Operations of the classes JMP and JMP32. */
export const Jump = {
  JA: 0x00,
  JEQ: 0x10,
  JGT: 0x20,
  JGE: 0x30,
  JSET: 0x40,
  JNE: 0x50,
  JSGT: 0x60,
  JSGE: 0x70,
  CALL: 0x80,
  EXIT: 0x90,
  JLT: 0xa0,
  JLE: 0xb0,
  JSLT: 0xc0,
  JSLE: 0xd0,
  JCOND: 0xe0,
} as const

/** Immediate of an atomic operation (mode ATOMIC). */
export const Atomic = {
  ADD: 0x00,
  OR: 0x40,
  AND: 0x50,
  XOR: 0xa0,
  FETCH: 0x01,
  XCHG: 0xe1,
  CMPXCHG: 0xf1,
  LOAD_ACQUIRE: 0x100,
  STORE_RELEASE: 0x110,
} as const

/** What the 64-bit immediate of a wide load means: its source register field. */
export const PseudoLoad = {
  VALUE: 0,
  MAP_FD: 1,
  MAP_VALUE: 2,
  BTF_ID: 3,
  FUNC: 4,
  MAP_INDEX: 5,
  MAP_INDEX_VALUE: 6,
} as const

/** What the immediate of a call means: its source register field. */
export const PseudoCall = { HELPER: 0, LOCAL: 1, KFUNC: 2 } as const

/** The load of a 64-bit immediate, the only instruction of two slots. */
export const WIDE_LOAD = Class.LD | Mode.IMM | Width.DW
/** `goto +imm`: the unconditional jump with a 32-bit distance. Kernel 6.6. */
export const GOTO_LONG = Class.JMP32 | Jump.JA
export const CALL = Class.JMP | Jump.CALL
export const EXIT = Class.JMP | Jump.EXIT

/** 1 for each opcode that the instruction set defines, the legacy packet loads included. */
export const KNOWN_OPCODES: Uint8Array = knownOpcodes()

function knownOpcodes(): Uint8Array {
  const known = new Uint8Array(256)
  const sources = [Source.K, Source.X]
  const widths = [Width.W, Width.H, Width.B, Width.DW]
  for (const operation of Object.values(Alu)) {
    for (const source of sources) {
      known[Class.ALU | operation | source] = 1
      known[Class.ALU64 | operation | source] = 1
    }
  }
  known[Class.ALU | Alu.NEG | Source.X] = 0
  known[Class.ALU64 | Alu.NEG | Source.X] = 0
  known[Class.ALU64 | Alu.END | Source.X] = 0

  const compared = Object.values(Jump).filter(
    (it) => it !== Jump.JA && it !== Jump.CALL && it !== Jump.EXIT && it !== Jump.JCOND,
  )
  for (const operation of compared) {
    for (const source of sources) {
      known[Class.JMP | operation | source] = 1
      known[Class.JMP32 | operation | source] = 1
    }
  }
  for (const code of [Class.JMP | Jump.JA, GOTO_LONG, CALL, EXIT, Class.JMP | Jump.JCOND]) {
    known[code] = 1
  }

  for (const width of widths) {
    for (const cls of [Class.LDX, Class.ST, Class.STX]) known[cls | Mode.MEM | width] = 1
    known[Class.STX | Mode.ATOMIC | width] = 1
    if (width === Width.DW) continue
    known[Class.LDX | Mode.MEMSX | width] = 1
    known[Class.LD | Mode.ABS | width] = 1
    known[Class.LD | Mode.IND | width] = 1
  }
  known[WIDE_LOAD] = 1
  return known
}
