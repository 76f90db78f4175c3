import {
  isSyscallAbi,
  type SyscallAbi,
  syscallNames,
  syscallNumber,
  syscallParameters,
} from '@tetragon-ts/api'
import { nearest } from '@tetragon-ts/api/nearest'
import type { Hook, NamedList } from '@tetragon-ts/policy'
import { compileRegExp } from '@tetragon-ts/policy/regexp'
import { compatAbi, nativeAbi } from '@tetragon-ts/sensors/kernel/system-calls'
import { equivalentBackend, equivalentOf } from '../backends/equivalents/index.ts'
import { fentryBackend } from '../backends/fentry.ts'
import { kprobeBackend, kprobeMultiBackend } from '../backends/kprobe.ts'
import { syscallBackend } from '../backends/syscall.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView, ProgramKind } from '../hook-plans/kernel-view.ts'
import { described, type HookSection, withoutPrefix } from './section.ts'

/** Prefix of the functions of system calls, as events show it. */
const functionPrefixes: Record<SyscallAbi, string> = {
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

/** kprobes, fentries: functions of the kernel and system calls. */
export const functionSection: HookSection = {
  event: 'process_kprobe',
  nameField: 'call',
  memory: 'kernel',
  backends: [fentryBackend, kprobeMultiBackend, kprobeBackend, syscallBackend, equivalentBackend],
  enforcingBackends: [
    ...[kprobeMultiBackend, kprobeBackend, syscallBackend],
    ...[fentryBackend, equivalentBackend],
  ],
  targets: targetFunctions,
  needsSymbols,
  exists({ symbol, syscall }, _, kernel) {
    if (syscall && !runsAbi(syscall.abi)) return false
    return (
      hasFunction(symbol, kernel) ||
      equivalentOf(symbol) !== undefined ||
      (syscall?.number !== undefined && kernel.symbols.size === 0)
    )
  },
  absence({ symbol, shown, syscall }) {
    if (!syscall) return `this kernel has no function ${symbol}`
    if (runsAbi(syscall.abi)) return `this kernel has no system call ${shown}`
    return `this machine runs no ${syscall.abi} programs: ${shown}`
  },
  nearest({ symbol, syscall }, kernel) {
    const names = kernel.symbols.size > 0 ? [...kernel.symbols] : [...kernel.btf.functions()]
    if (!syscall) return nearest(symbol, names)
    const prefix = /^__\w+?_(?=sys_)/.exec(symbol)?.[0] ?? `__${nativeAbi}_`
    return nearest(symbol.slice(prefix.length), withoutPrefix(prefix, names))
  },
  parameters({ call, syscall }, btf) {
    if (!syscall) return described(btf, btf.prototype(call)?.params)
    const name = call.replace(/^.*\//, '').replace(/^(__\w+?_)?sys_/, '')
    return syscallParameters(name)?.map(({ type, name }) => ({ text: type, name }))
  },
  resultType({ call, syscall }, btf) {
    return syscall ? undefined : btf.prototype(call)?.returnTypeId
  },
  head: (_, name) => ({ function_name: name }),
}

/** Programs whose back ends ask whether a function has a symbol. */
const bySymbol: readonly ProgramKind[] = ['kprobe', 'kprobe_multi', 'fmod_ret']

/** The kernel's types have most functions, also those of system calls. */
function needsSymbols(hook: Hook, list: NamedList | undefined, kernel: KernelView): boolean {
  if (list?.type.startsWith('generated_')) return true
  if (bySymbol.some((kind) => kernel.refuses(kind) === undefined)) return true
  const names = list ? list.values : [hook.call]
  const symbols = hook.syscall ? names.flatMap(symbolsOfSyscall) : names
  return symbols.some((symbol) => kernel.btf.prototype(symbol) === undefined)
}

/** Functions of a kprobe or fentry hook: its function, or those of its list. */
function targetFunctions(
  hook: Hook,
  list: NamedList | undefined,
  kernel: KernelView,
): readonly TargetFunction[] {
  const { call, syscall } = hook
  return (list ? listed(list, kernel) : [call]).map((name) =>
    syscall ? syscallFunction(name, kernel) : plainFunction(name),
  )
}

function listed({ type, values, pattern }: NamedList, kernel: KernelView): readonly string[] {
  if (type === 'generated_ftrace') {
    const expression = compileRegExp(pattern ?? '')
    return [...(kernel.traceable ?? kernel.symbols)].filter((name) => expression.test(name))
  }
  if (type !== 'generated_syscalls') return [...new Set(values)]
  return syscallNames(nativeAbi)
    .map((name) => `sys_${name}`)
    .filter((name) => kernel.hasSymbol(`${functionPrefixes[nativeAbi]}${name}`))
}

/** Whether this machine runs programs of this ABI. */
function runsAbi(abi: SyscallAbi): boolean {
  return abi === nativeAbi || abi === compatAbi
}

/** Asks the kernel's types first: reading its symbols takes a tenth of a second. */
function hasFunction(symbol: string, kernel: KernelView): boolean {
  return kernel.btf.prototype(symbol) !== undefined || kernel.hasSymbol(symbol)
}

/** `sys_read`, `i386/sys_read` or a function's name such as `__x64_sys_read`. */
function syscallFunction(written: string, kernel: KernelView): TargetFunction {
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
function symbolsOfSyscall(written: string): readonly string[] {
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
function plainFunction(symbol: string): TargetFunction {
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
