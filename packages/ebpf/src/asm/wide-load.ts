import { AsmError } from './error.ts'
import { type Instruction, instruction, type Label } from './instruction.ts'
import { PseudoLoad, WIDE_LOAD } from './opcode.ts'
import type { Register } from './register.ts'

const MIN = -(1n << 63n)
const MAX = (1n << 64n) - 1n

/** A wide load of any meaning: two slots whose immediates together are `value`. */
export function wideLoad(
  dst: number,
  meaning: number,
  low: number,
  high: number,
  target?: Label,
): Instruction {
  const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  return instruction(WIDE_LOAD, dst, meaning, 0, low, target, value)
}

function unsigned32(what: string, value: number): number {
  if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0xffff_ffff) {
    throw new AsmError('EBPF_ASM_IMMEDIATE_RANGE', `encode ${what} ${value}: not a 32-bit integer`)
  }
  return value | 0
}

/** dst = the 64-bit constant, given signed or unsigned; takes two slots */
export function loadImm64(dst: Register, value: bigint): Instruction {
  if (value < MIN || value > MAX) {
    throw new AsmError('EBPF_ASM_IMMEDIATE_RANGE', `encode constant ${value}: more than 64 bits`)
  }
  const bits = BigInt.asUintN(64, value)
  const low = Number(BigInt.asIntN(32, bits))
  return instruction(WIDE_LOAD, dst.number, PseudoLoad.VALUE, 0, low, undefined, bits)
}

/** dst = the map that the file descriptor names, to be given to helpers; takes two slots */
export function loadMapFd(dst: Register, fd: number): Instruction {
  return wideLoad(dst.number, PseudoLoad.MAP_FD, unsigned32('map descriptor', fd), 0)
}

/**
 * dst = address of the byte at `offset` of the only value of an array map; takes two slots.
 * Kernel 5.2.
 */
export function loadMapValue(dst: Register, fd: number, offset: number): Instruction {
  const low = unsigned32('map descriptor', fd)
  return wideLoad(dst.number, PseudoLoad.MAP_VALUE, low, unsigned32('value offset', offset))
}

/**
 * dst = the kernel variable (per CPU or not) of that BTF id; takes two slots. Kernel 5.10.
 * `moduleFd` is 0 for vmlinux, else the descriptor of the module's BTF.
 */
export function loadKernelSymbol(dst: Register, btfId: number, moduleFd = 0): Instruction {
  const low = unsigned32('BTF id', btfId)
  return wideLoad(dst.number, PseudoLoad.BTF_ID, low, unsigned32('BTF descriptor', moduleFd))
}

/** dst = the function at the label, as a callback for a helper; takes two slots. Kernel 5.13. */
export function loadFunction(dst: Register, target: Label): Instruction {
  return wideLoad(dst.number, PseudoLoad.FUNC, 0, 0, target)
}
