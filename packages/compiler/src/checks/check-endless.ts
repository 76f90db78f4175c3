import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { neverReturns } from '../backends/never-returns.ts'
import type { TargetFunction } from '../hook-plans/hook-target.ts'

/** Functions of a hook that its selectors can match, and diagnostics for others. */
export interface MatchableFunctions {
  readonly matchable: readonly TargetFunction[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Omits functions that never return if every selector needs the return value: nothing could match.
 * If only some selectors do, they would have no effect, which is an error.
 */
export function checkEndless(
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
