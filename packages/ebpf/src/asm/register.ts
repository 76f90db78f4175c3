import { AsmError } from './error.ts'

export type RegisterNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10

/**
 * A register of the eBPF machine. r0: return value; r1 to r5: arguments, lost at each call;
 * r6 to r9: kept over calls; r10: frame pointer, read only.
 */
export interface Register {
  readonly number: RegisterNumber
}

const registers: readonly Register[] = Array.from({ length: 11 }, (_, number) =>
  Object.freeze({ number: number as RegisterNumber }),
)

/** The register of that number, 0 to 10. Throws EBPF_ASM_BAD_REGISTER on any other number. */
export function reg(number: number): Register {
  const register = registers[number]
  if (!register) {
    throw new AsmError('EBPF_ASM_BAD_REGISTER', `name register ${number}: there are r0 to r10`)
  }
  return register
}

export const r0: Register = reg(0)
export const r1: Register = reg(1)
export const r2: Register = reg(2)
export const r3: Register = reg(3)
export const r4: Register = reg(4)
export const r5: Register = reg(5)
export const r6: Register = reg(6)
export const r7: Register = reg(7)
export const r8: Register = reg(8)
export const r9: Register = reg(9)
/** The frame pointer: the stack reaches from r10 - 512 to r10. */
export const r10: Register = reg(10)
