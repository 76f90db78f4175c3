import { Bytes, type Code, type Int, type IntLike } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { asInt, type Raw } from './hit.ts'

// Registers by name: struct pt_regs in arch/x86/include/uapi/asm/ptrace.h and
// arch/arm64/include/asm/ptrace.h, the same on all kernels.

const x86 = [
  ...['r15', 'r14', 'r13', 'r12', 'bp', 'bx', 'r11', 'r10', 'r9', 'r8', 'ax', 'cx', 'dx', 'si'],
  ...['di', 'orig_ax', 'ip', 'cs', 'flags', 'sp', 'ss'],
]
const arm64 = [...Array.from({ length: 31 }, (_, i) => `x${i}`), 'sp', 'pc', 'pstate']

/** Offset of a register in struct pt_regs, and the width of a name. */
export interface RegisterLocation {
  readonly offset: number
  readonly bits: 8 | 16 | 32 | 64
}

const registers = processors === 'arm64' ? armRegisters() : x86Registers()

function x86Registers(): Map<string, RegisterLocation> {
  const found = new Map<string, RegisterLocation>()
  x86.forEach((name, i) => {
    const add = (alias: string, bits: RegisterLocation['bits']): void => {
      if (!found.has(alias)) found.set(alias, { offset: i * 8, bits })
    }
    if (/^r\d/.test(name)) {
      add(name, 64)
      for (const [suffix, bits] of [
        ['d', 32],
        ['w', 16],
        ['b', 8],
      ] as const) {
        add(`${name}${suffix}`, bits)
      }
      return
    }
    // The kernel's own names mean the whole register, like `rax`.
    add(name, 64)
    if (name === 'orig_ax') add('orig_rax', 64)
    if (['orig_ax', 'cs', 'ss'].includes(name)) return
    add(`r${name}`, 64)
    add(`e${name}`, 32)
    const low = /^[abcd]x$/.test(name) ? `${name[0]}l` : `${name}l`
    if (!['ip', 'flags'].includes(name)) add(low, 8)
  })
  return found
}

function armRegisters(): Map<string, RegisterLocation> {
  const found = new Map<string, RegisterLocation>()
  arm64.forEach((name, i) => {
    found.set(name, { offset: i * 8, bits: 64 })
    if (/^x\d/.test(name)) found.set(name.replace('x', 'w'), { offset: i * 8, bits: 32 })
  })
  return found
}

/** Register names in policies. */
export const registerNames: readonly string[] = [...registers.keys()]

/** The location of a register; undefined if this machine does not have it. */
export function findRegister(name: string): RegisterLocation | undefined {
  return registers.get(name)
}

/** A register at the function's entry: the context of kprobes. */
export function contextRegister(k: Code, name: string): Int | undefined {
  const location = findRegister(name)
  if (!location) return undefined
  const { builder, register } = k.context
  return masked(new Bytes(builder, register).load(8, location.offset), location)
}

/** Registers of the parameters of functions of 64-bit programs. */
export const parameterRegisters: readonly string[] =
  processors === 'arm64' ? arm64.slice(0, 8) : ['di', 'si', 'dx', 'cx', 'r8', 'r9']

/** These decide about privileges, or belong to the system call. */
const unsettable = /^(orig_r?ax|cs|ss|[re]?flags|pstate)$/

/** Whether programs at uprobes may set a register: the whole one, or its lower half. */
export function canSet(name: string): boolean {
  return (findRegister(name)?.bits ?? 0) >= 32 && !unsettable.test(name)
}

/**
 * Sets a register of the thread that hit a uprobe. With the lower half the upper one becomes 0, as
 * in a processor. Kernel 6.18.
 */
export function setContextRegister(k: Code, name: string, value: IntLike): void {
  const location = findRegister(name)
  if (!location) throw new RangeError(`there is no register ${name}`)
  const { builder, register } = k.context
  const whole = typeof value === 'object' ? value : k.constant(value)
  new Bytes(builder, register).store(8, location.offset, masked(whole, location))
}

/** A register of user space, saved at the system call. */
export function savedRegister(k: Code, registers: Raw, name: string): Int | undefined {
  const location = findRegister(name)
  if (!location) return undefined
  return masked(k.loadKernel(8, asInt(k, registers).add(location.offset)), location)
}

function masked(value: Int, { bits }: RegisterLocation): Int {
  return bits === 64 ? value : value.and((1n << BigInt(bits)) - 1n)
}
