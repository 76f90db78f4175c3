import { nearest } from '@tetragon-ts/api'
import { listTracepoints } from '@tetragon-ts/ebpf/links'
import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import type { KernelView, TargetFunction } from '../backends/backend.ts'
import { equivalentOf } from '../backends/equivalents/index.ts'
import { nativeAbi } from '../backends/syscall-registers.ts'
import { runsAbi } from '../backends/targets.ts'

/** Functions of a hook that this kernel does not have, and what is wrong with them. */
export interface UnknownFunctions {
  readonly known: readonly TargetFunction[]
  readonly unknown: readonly TargetFunction[]
  /** Why they are not there: empty where the policy says to ignore that. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Splits a hook's functions into those that the kernel has and others. */
export function checkFunctions(
  hook: Hook,
  functions: readonly TargetFunction[],
  document: PolicyDocument,
  kernel: KernelView,
): UnknownFunctions {
  const path = namePath(hook)
  if (functions.length === 0) {
    const message = `the list ${hook.list} has no function of this kernel`
    const diagnostic = document.diagnose(path, 'POLICY_FUNCTION', message)
    const diagnostics = hook.ignoreCallNotFound ? [] : [diagnostic]
    return { known: [], unknown: [], diagnostics }
  }
  const unknown = functions.filter((each) => !exists(hook, each, kernel))
  const known = functions.filter((each) => !unknown.includes(each))
  if (unknown.length === 0 || hook.ignoreCallNotFound) {
    return { known, unknown, diagnostics: checkResult(hook, known, document, kernel) }
  }
  const diagnostics = unknown.map((each) => {
    const suggestion = near(hook, each, kernel)
    const message = complaint(hook, each)
    const details = suggestion === undefined ? {} : { suggestion }
    return document.diagnose(path, 'POLICY_FUNCTION', message, details)
  })
  return { known, unknown, diagnostics }
}

/** The result of a function that has none; of a list some may have one. */
function checkResult(
  hook: Hook,
  known: readonly TargetFunction[],
  document: PolicyDocument,
  kernel: KernelView,
): Diagnostic[] {
  if (!hook.returnArg || hook.list !== undefined) return []
  const nothing = known.filter(({ symbol }) => kernel.btf.prototype(symbol)?.returnTypeId === 0)
  return nothing.map(({ symbol }) =>
    document.diagnose(`${hook.path}.return`, 'POLICY_RETURN', `${symbol} returns nothing`, {
      severity: 'warning',
    }),
  )
}

/** Where the policy names the place. */
export function namePath({ section, path }: Hook): string {
  const name = section === 'lsmhooks' ? 'hook' : section === 'tracepoints' ? 'event' : 'call'
  return `${path}.${name}`
}

function exists({ section, raw }: Hook, target: TargetFunction, kernel: KernelView): boolean {
  const { symbol, syscall, shown } = target
  if (section === 'tracepoints') {
    if (raw && kernel.btf.tracepointPrototype(symbol)) return true
    const [group] = shown.split('/')
    // Without tracefs the back end tells what is missing.
    return listTracepoints(group).includes(symbol) || listTracepoints().length === 0
  }
  if (section === 'lsmhooks') return kernel.btf.prototype(symbol) !== undefined
  if (syscall && !runsAbi(syscall.abi)) return false
  return (
    kernel.hasSymbol(symbol) ||
    kernel.btf.prototype(symbol) !== undefined ||
    equivalentOf(symbol) !== undefined ||
    (syscall?.number !== undefined && kernel.symbols.size === 0)
  )
}

function complaint({ section }: Hook, { symbol, shown, syscall }: TargetFunction): string {
  if (section === 'tracepoints') return `this kernel has no tracepoint ${shown}`
  if (section === 'lsmhooks') return `this kernel has no LSM hook ${shown}`
  if (syscall && !runsAbi(syscall.abi))
    return `this machine runs no ${syscall.abi} programs: ${shown}`
  if (syscall) return `this kernel has no system call ${shown}`
  return `this kernel has no function ${symbol}`
}

/** The name that was probably meant, as the policy would write it. */
function near(hook: Hook, { symbol, shown, syscall }: TargetFunction, kernel: KernelView) {
  if (hook.section === 'tracepoints') {
    const [group] = shown.split('/')
    const groups = listTracepoints()
    if (groups.includes(group)) return nearest(symbol, listTracepoints(group))
    return nearest(group, groups)
  }
  const functions = [...kernel.btf.functions()]
  if (hook.section === 'lsmhooks') return nearest(shown, withPrefix('bpf_lsm_', functions))
  const names = kernel.symbols.size > 0 ? [...kernel.symbols] : functions
  if (!syscall) return nearest(symbol, names)
  const prefix = /^__\w+?_(?=sys_)/.exec(symbol)?.[0] ?? `__${nativeAbi}_`
  return nearest(symbol.slice(prefix.length), withPrefix(prefix, names))
}

function withPrefix(prefix: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}
