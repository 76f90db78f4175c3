import { type SyscallAbi, syscallNames, syscallParameters } from '@tetragon-ts/api'
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
import {
  functionPrefixes,
  hasFunction,
  plainFunction,
  symbolsOfSyscall,
  syscallFunction,
} from './function-names.ts'
import { described, type HookSection, withoutPrefix } from './section.ts'

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
