import type { ArgumentMatch, Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import type { HookPlan } from '../hook-plans/hook-plan.ts'

/** A hook with a plan whose programs see fewer values of some parameters. */
export interface NarrowedHook {
  readonly hook: Hook
  readonly plan: Pick<HookPlan, 'backend' | 'values'>
}

/** Warnings about conditions that never hold with a plan. */
export function neverMatches(
  { hook, plan }: NarrowedHook,
  document: PolicyDocument,
): readonly Diagnostic[] {
  const { values = {}, backend } = plan
  return hook.selectors.flatMap(({ args }) =>
    args.flatMap((match) => {
      const argument = hook.args[match.positions[0]]
      const isParameter = argument.source === undefined && argument.resolve.length === 0
      const seen = isParameter ? values[argument.index] : undefined
      if (seen === undefined || canHold(match, seen)) return []
      const all = seen.join(' or ')
      const message = `it never matches: argument ${argument.index} is always ${all} with ${backend}`
      return document.diagnose(`${match.path}.values`, 'POLICY_IGNORED', message, {
        severity: 'warning',
      })
    }),
  )
}

/** Whether a test holds for one of the values. */
function canHold({ test, negated }: ArgumentMatch, seen: readonly bigint[]): boolean {
  if (test.operator !== 'equal') return true
  return seen.some((value) => test.values.includes(value) !== negated)
}
