import type { SyscallAbi } from '@tetragon-ts/api'
import { type Code, type Int, kernelStruct } from '@tetragon-ts/ebpf/lang'
import { asPointer, type Raw } from '../hook/hit.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'

// System calls have one parameter: the user space registers (arch/x86/include/asm/ptrace.h,
// arch/arm64/include/asm/ptrace.h).

const x86 = process.arch !== 'arm64'

/** The native ABI of this machine. */
export const nativeAbi: SyscallAbi = x86 ? 'x64' : 'arm64'
/** The ABI of 32-bit programs on this machine. */
export const compatAbi: SyscallAbi = x86 ? 'i386' : 'arm32'

/** Maximum number of parameters of a system call. */
export const syscallParameters = 6

/** struct pt_regs, with the fields used on either architecture. */
export interface Registers {
  readonly bx: Int
  readonly cx: Int
  readonly dx: Int
  readonly si: Int
  readonly di: Int
  readonly bp: Int
  readonly r8: Int
  readonly r9: Int
  readonly r10: Int
  readonly orig_ax: Int
  readonly x0: Int
  readonly x1: Int
  readonly x2: Int
  readonly x3: Int
  readonly x4: Int
  readonly x5: Int
}
const x = (n: number) => [`user_regs.regs[${n}]`]
export const Registers = kernelStruct<Registers>(
  'pt_regs',
  x86 ? {} : { x0: x(0), x1: x(1), x2: x(2), x3: x(3), x4: x(4), x5: x(5), orig_ax: ['syscallno'] },
)

const parameterRegisters = {
  x64: ['di', 'si', 'dx', 'r10', 'r8', 'r9'],
  i386: ['bx', 'cx', 'dx', 'si', 'di', 'bp'],
  arm64: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'],
  arm32: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'],
} as const satisfies Record<SyscallAbi, readonly (keyof Registers)[]>

/** System calls that change other user space registers, or return twice. */
const oddCalls = /(^|_)sys_(execve|execveat|clone3?|v?fork|(rt_)?sigreturn)$/

/** Whether a call's parameters are still available at its return. */
export function keepsRegisters({ symbol }: { readonly symbol: string }): boolean {
  return !oddCalls.test(symbol)
}

/** Prefixes of functions that copy user memory of their parameters. */
const copying = /^(do_sys_|ksys_|__sys_)/

/**
 * Whether a function has copied the user memory of its parameters when it returns: then it can be
 * read there, even if it could not at the entry.
 */
export function isRereadable({ symbol, syscall }: TargetFunction): boolean {
  return (syscall !== undefined || copying.test(symbol)) && keepsRegisters({ symbol })
}

/** The parameter of a system call at this position. */
export function syscallParameter(
  k: Code,
  registers: Raw,
  index: number,
  abi: SyscallAbi,
): Raw | undefined {
  const name = parameterRegisters[abi][index]
  return name === undefined ? undefined : asPointer(k, registers, Registers)[name]
}
