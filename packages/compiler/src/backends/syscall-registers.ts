import type { SyscallAbi } from '@tetragon-ts/api'
import type { Code } from '@tetragon-ts/ebpf/lang'
import { Registers } from '@tetragon-ts/sensors/kernel/system-calls'
import { asPointer, type Raw } from '../hook/hit.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'

/** Maximum number of parameters of a system call. */
export const syscallParameters = 6

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
