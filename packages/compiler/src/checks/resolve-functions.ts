import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { neverReturns } from '../backends/never-returns.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { sectionOf } from '../sections/index.ts'
import { checkArguments, checkSelectors } from './check-hook.ts'
import { inferTypes } from './infer-types.ts'
import { typeMembers } from './type-members.ts'

/** A hook as this kernel has it. */
export interface ResolvedHook {
  /** With the types that the kernel's types imply. */
  readonly hook: Hook
  /** Its functions; none if there are errors, or if the kernel lacks all that it may ignore. */
  readonly functions: readonly TargetFunction[]
  /** Names of functions that the kernel lacks; the hook ignores them. */
  readonly unknown: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Finds the functions of a hook, and checks the hook against their types. */
export function resolveFunctions(
  written: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): ResolvedHook {
  const section = sectionOf(written)
  const inferred = inferTypes(written, document, kernel)
  const { hook, ...members } = typeMembers(inferred.hook, document, kernel)
  const found = [...inferred.found, ...members.found]
  const list = hook.list === undefined ? undefined : document.policy.lists.get(hook.list)
  const all = section.targets(hook, list, kernel)
  const ofSection = section.check?.(hook, document, kernel) ?? []
  const checked = checkFunctions(hook, all, document, kernel)
  const checks = found.length > 0 ? found : checkArguments(hook, document, kernel)
  const { matchable, diagnostics: ofResults } = checkEndless(hook, checked.known, document)
  const problems = [...ofSection, ...checked.diagnostics, ...checks, ...ofResults]
  const failed = { hook, functions: [], unknown: [] }
  if (problems.some(isError)) return { ...failed, diagnostics: problems }
  const diagnostics = [...problems, ...checkSelectors(hook, document)]
  if (diagnostics.some(isError)) return { ...failed, diagnostics }
  const unknown = checked.unknown.map(({ shown }) => shown)
  return { hook, functions: matchable, unknown, diagnostics }
}

/** Functions of a hook that this kernel does not have, and diagnostics. */
interface UnknownFunctions {
  readonly known: readonly TargetFunction[]
  readonly unknown: readonly TargetFunction[]
  /** Diagnostics: empty if the policy ignores missing functions. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Splits a hook's functions into available and missing ones. */
function checkFunctions(
  hook: Hook,
  functions: readonly TargetFunction[],
  document: PolicyDocument,
  kernel: KernelView,
): UnknownFunctions {
  const section = sectionOf(hook)
  const path = namePath(hook)
  if (functions.length === 0) {
    const message = `this kernel has no function of the list ${hook.list}`
    const diagnostic = document.diagnose(path, 'POLICY_FUNCTION', message)
    const diagnostics = hook.ignoreCallNotFound ? [] : [diagnostic]
    return { known: [], unknown: [], diagnostics }
  }
  const unknown = functions.filter((each) => !section.exists(each, hook, kernel))
  const known = functions.filter((each) => !unknown.includes(each))
  if (unknown.length === 0 || hook.ignoreCallNotFound) {
    return { known, unknown, diagnostics: checkResult(hook, known, document, kernel) }
  }
  const diagnostics = unknown.map((each) => {
    const suggestion = section.nearest(each, kernel, hook)
    const message = section.absence(each)
    const details = suggestion === undefined ? {} : { suggestion }
    return document.diagnose(path, 'POLICY_FUNCTION', message, details)
  })
  return { known, unknown, diagnostics }
}

/** The return value of a void function; in a list, some functions may have one. */
function checkResult(
  hook: Hook,
  known: readonly TargetFunction[],
  document: PolicyDocument,
  kernel: KernelView,
): Diagnostic[] {
  if (!hook.returnArg || hook.list !== undefined || sectionOf(hook).memory === 'user') return []
  const nothing = known.filter(({ symbol }) => kernel.btf.prototype(symbol)?.returnTypeId === 0)
  return nothing.map(({ symbol }) =>
    document.diagnose(`${hook.path}.return`, 'POLICY_RETURN', `${symbol} returns nothing`, {
      severity: 'warning',
    }),
  )
}

/** Position of the name in the policy. */
export function namePath(hook: Hook): string {
  return hook.isEnforcer ? hook.path : `${hook.path}.${sectionOf(hook).nameField}`
}

/** Functions of a hook that its selectors can match, and diagnostics for others. */
interface MatchableFunctions {
  readonly matchable: readonly TargetFunction[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Omits functions that never return if every selector needs the return value: nothing could match.
 * If only some selectors do, they would have no effect, which is an error.
 */
function checkEndless(
  hook: Hook,
  functions: readonly TargetFunction[],
  document: PolicyDocument,
): MatchableFunctions {
  const asking = hook.selectors.filter(({ returnArgs }) => returnArgs.length > 0)
  const [endless] = functions.filter(neverReturns)
  if (!endless || asking.length === 0) return { matchable: functions, diagnostics: [] }
  const matchable = functions.filter((each) => !neverReturns(each))
  const { path } = asking[0].returnArgs[0]
  const diagnose = (message: string, severity: 'error' | 'warning'): MatchableFunctions => ({
    matchable,
    diagnostics: [document.diagnose(path, 'POLICY_RETURN', message, { severity })],
  })
  const never = `${endless.shown} never returns: matchReturnArgs cannot match`
  if (asking.length < hook.selectors.length) {
    return diagnose(`${never}; give it a hook without matchReturnArgs`, 'error')
  }
  return matchable.length === 0
    ? diagnose(`${never}, and the hook has no other function`, 'error')
    : diagnose(`${never}; it is omitted`, 'warning')
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}
