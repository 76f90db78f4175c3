import { AsmError } from './error.ts'
import { type Instruction, instruction, type Size } from './instruction.ts'
import { Atomic, Class, Mode, Width } from './opcode.ts'
import type { Register } from './register.ts'

/** Width of an atomic operation in bytes. */
export type AtomicSize = 4 | 8

/** The width bits of a load or store of that many bytes. */
export function widthOf(size: Size): number {
  switch (size) {
    case 1:
      return Width.B
    case 2:
      return Width.H
    case 4:
      return Width.W
    case 8:
      return Width.DW
    default:
      throw new AsmError('EBPF_ASM_BAD_SIZE', `encode access of ${size} bytes: must be 1, 2, 4, 8`)
  }
}

/** dst = *(size *)(src + offset), zero-extended */
export function load(size: Size, dst: Register, src: Register, offset: number): Instruction {
  return instruction(Class.LDX | Mode.MEM | widthOf(size), dst.number, src.number, offset, 0)
}

/** dst = *(signed size *)(src + offset), sign-extended to 64 bits. Kernel 6.6. */
export function loadSigned(
  size: 1 | 2 | 4,
  dst: Register,
  src: Register,
  offset: number,
): Instruction {
  return instruction(Class.LDX | Mode.MEMSX | widthOf(size), dst.number, src.number, offset, 0)
}

/** *(size *)(dst + offset) = src */
export function store(size: Size, dst: Register, offset: number, src: Register): Instruction {
  return instruction(Class.STX | Mode.MEM | widthOf(size), dst.number, src.number, offset, 0)
}

/** *(size *)(dst + offset) = imm, sign-extended */
export function storeImm(size: Size, dst: Register, offset: number, imm: number): Instruction {
  return instruction(Class.ST | Mode.MEM | widthOf(size), dst.number, 0, offset, imm)
}

export type AtomicConstructor = (
  size: AtomicSize,
  dst: Register,
  offset: number,
  src: Register,
) => Instruction

const atomic =
  (operation: number): AtomicConstructor =>
  (size, dst, offset, src) => {
    if (size !== 4 && size !== 8) {
      throw new AsmError('EBPF_ASM_BAD_SIZE', `encode atomic of ${size} bytes: must be 4 or 8`)
    }
    const code = Class.STX | Mode.ATOMIC | widthOf(size)
    return instruction(code, dst.number, src.number, offset, operation)
  }

/** *(dst + offset) += src, atomically */
export const atomicAdd: AtomicConstructor = atomic(Atomic.ADD)
/** *(dst + offset) |= src, atomically. Kernel 5.12, as all that follow. */
export const atomicOr: AtomicConstructor = atomic(Atomic.OR)
/** *(dst + offset) &= src, atomically */
export const atomicAnd: AtomicConstructor = atomic(Atomic.AND)
/** *(dst + offset) ^= src, atomically */
export const atomicXor: AtomicConstructor = atomic(Atomic.XOR)
/** as atomicAdd, and src = the value before */
export const atomicFetchAdd: AtomicConstructor = atomic(Atomic.ADD | Atomic.FETCH)
/** as atomicOr, and src = the value before */
export const atomicFetchOr: AtomicConstructor = atomic(Atomic.OR | Atomic.FETCH)
/** as atomicAnd, and src = the value before */
export const atomicFetchAnd: AtomicConstructor = atomic(Atomic.AND | Atomic.FETCH)
/** as atomicXor, and src = the value before */
export const atomicFetchXor: AtomicConstructor = atomic(Atomic.XOR | Atomic.FETCH)
/** *(dst + offset) = src, and src = the value before */
export const atomicExchange: AtomicConstructor = atomic(Atomic.XCHG)
/** if *(dst + offset) is r0 it becomes src; r0 = the value before in any case */
export const atomicCompareExchange: AtomicConstructor = atomic(Atomic.CMPXCHG)

/** dst = *(size *)(src + offset); later accesses stay behind it. Kernel 6.15. */
export function loadAcquire(size: Size, dst: Register, src: Register, offset: number): Instruction {
  const code = Class.STX | Mode.ATOMIC | widthOf(size)
  return instruction(code, dst.number, src.number, offset, Atomic.LOAD_ACQUIRE)
}

/** *(size *)(dst + offset) = src; earlier accesses stay before it. Kernel 6.15. */
export function storeRelease(
  size: Size,
  dst: Register,
  offset: number,
  src: Register,
): Instruction {
  const code = Class.STX | Mode.ATOMIC | widthOf(size)
  return instruction(code, dst.number, src.number, offset, Atomic.STORE_RELEASE)
}
