import { syscallParameters } from '@tetragon-ts/api'
import { nearest } from '@tetragon-ts/api/nearest'
import { nativeAbi } from '@tetragon-ts/sensors/kernel/system-calls'
import { equivalentBackend, equivalentOf } from '../backends/equivalents/index.ts'
import { fentryBackend } from '../backends/fentry.ts'
import { kprobeBackend, kprobeMultiBackend } from '../backends/kprobe.ts'
import { syscallBackend } from '../backends/syscall.ts'
import { runsAbi, targetFunctions } from '../backends/targets.ts'
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
  exists({ symbol, syscall }, _, kernel) {
    if (syscall && !runsAbi(syscall.abi)) return false
    return (
      kernel.hasSymbol(symbol) ||
      kernel.btf.prototype(symbol) !== undefined ||
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
