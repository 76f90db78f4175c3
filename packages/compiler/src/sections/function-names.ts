import { isSyscallAbi, type SyscallAbi, syscallNumber } from '@tetragon-ts/api'
import { nativeAbi } from '@tetragon-ts/sensors/kernel/system-calls'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'

/** Prefix of the functions of system calls, as events show it. */
export const functionPrefixes: Record<SyscallAbi, string> = {
  x64: '__x64_',
  i386: '__ia32_',
  arm64: '__arm64_',
  arm32: '__arm64_compat_',
}
/** Names in different kernels, in order of preference. */
const symbolPrefixes: Record<SyscallAbi, readonly string[]> = {
  x64: ['__x64_'],
  i386: ['__ia32_compat_', '__ia32_'],
  arm64: ['__arm64_'],
  arm32: ['__arm64_compat_'],
}

/** Asks the kernel's types first: reading its symbols takes a tenth of a second. */
export function hasFunction(symbol: string, kernel: KernelView): boolean {
  return kernel.btf.prototype(symbol) !== undefined || kernel.hasSymbol(symbol)
}

/** `sys_read`, `i386/sys_read` or a function's name such as `__x64_sys_read`. */
export function syscallFunction(written: string, kernel: KernelView): TargetFunction {
  const { abi, name, direct } = parseSyscall(written)
  if (direct) return direct
  const symbols = symbolsOfSyscall(written)
  const preferred = symbols.slice(0, -1).find((symbol) => hasFunction(symbol, kernel))
  return {
    shown: `${functionPrefixes[abi]}${name}`,
    symbol: preferred ?? (symbols.at(-1) as string),
    syscall: { abi, number: syscallNumber(abi, name.replace(/^sys_/, '')) },
  }
}

/** Symbols that the function of a system call may have, in order of preference. */
export function symbolsOfSyscall(written: string): readonly string[] {
  const { abi, name, direct } = parseSyscall(written)
  return direct ? [direct.symbol] : symbolPrefixes[abi].map((prefix) => `${prefix}${name}`)
}

interface WrittenSyscall {
  readonly abi: SyscallAbi
  /** Without the ABI. */
  readonly name: string
  /** Set if the name is that of the function. */
  readonly direct: TargetFunction | undefined
}

function parseSyscall(written: string): WrittenSyscall {
  const slash = written.indexOf('/')
  const named = slash < 0 ? undefined : written.slice(0, slash)
  const name = written.slice(slash + 1)
  const abi = named !== undefined && isSyscallAbi(named) ? named : nativeAbi
  const direct = plainFunction(name)
  return { abi, name, direct: direct.syscall && direct }
}

/** A function by its symbol; the function of a system call is recognized by its name. */
export function plainFunction(symbol: string): TargetFunction {
  const parts = /^(__x64|__ia32_compat|__ia32|__arm64_compat|__arm64)_sys_(\w+)$/.exec(symbol)
  if (!parts) return { shown: symbol, symbol }
  const abi: SyscallAbi = parts[1].startsWith('__x64')
    ? 'x64'
    : parts[1].startsWith('__ia32')
      ? 'i386'
      : parts[1] === '__arm64'
        ? 'arm64'
        : 'arm32'
  return { shown: symbol, symbol, syscall: { abi, number: numberOfFunction(abi, parts[2]) } }
}

/**
 * The number of a function's system call. If i386 has a call with two widths of ids, the one
 * without a suffix is the old one: `setuid32` is sys_setuid, and `setuid` is sys_setuid16
 * (arch/x86/entry/syscalls/syscall_32.tbl).
 */
function numberOfFunction(abi: SyscallAbi, name: string): number | undefined {
  if (abi !== 'i386') return syscallNumber(abi, name)
  const old = /^(\w+)16$/.exec(name)?.[1]
  return syscallNumber(abi, old ?? `${name}32`) ?? syscallNumber(abi, name)
}
