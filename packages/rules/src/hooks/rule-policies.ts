import { enforcementPolicies } from '../enforce/enforcement-policies.ts'
import type { LinkedRules } from '../link/link-rules.ts'
import type { HookUse } from '../log-sources/hook-use.ts'
import { type LogSource, logSources } from '../log-sources/index.ts'
import { type KernelHookName, rulePolicyName } from '../log-sources/kernel-hook.ts'
import { testsOf } from '../model/expression.ts'
import type { Rule } from '../model/rule.ts'
import { ruleKey } from '../model/rule-key.ts'
import type { RulePolicy } from '../model/rule-policy.ts'
import { either, type KernelFilter } from './kernel-filter.ts'
import { policyText } from './policy-text.ts'
import { kernelFilter, requiresField } from './rule-filter.ts'

/** What makes policies of rules. Each chooses names that begin with `detection-rules-`. */
const makers: readonly ((linked: LinkedRules) => readonly RulePolicy[])[] = [
  observing,
  enforcementPolicies,
]

/**
 * Policies that rules need: one for each hook, with a filter that passes all calls that some rule
 * can match. An agent loads them while the rules are in force.
 */
export function rulePolicies(linked: LinkedRules): RulePolicy[] {
  return makers.flatMap((make) => make(linked))
}

/** A rule that can match calls of a hook. */
interface Wanted {
  readonly rule: Rule
  readonly use: HookUse
  readonly filter: KernelFilter
}

function observing({ rules }: LinkedRules): RulePolicy[] {
  return policiesOf(
    rules.flatMap((rule) => usesOf(rule.rule).flatMap((use) => wanted(rule.rule, use))),
  )
}

/** @param suffix of the names, of policies that others have instead */
function policiesOf(all: readonly Wanted[], suffix = ''): RulePolicy[] {
  const byHook = new Map<KernelHookName, Wanted[]>()
  for (const each of all) {
    const others = byHook.get(each.use.hook)
    if (others === undefined) byHook.set(each.use.hook, [each])
    else others.push(each)
  }
  return [...byHook].map(([hook, uses]) => {
    const name = rulePolicyName(hook) + suffix
    const instead = uses.flatMap(({ rule, use }) => {
      return (use.instead ?? []).flatMap((other) => wanted(rule, other))
    })
    return {
      name,
      hook,
      text: policyText(name, hook, either(uses.map(({ filter }) => filter))),
      rules: [...new Set(uses.map(({ rule }) => ruleKey(rule)))],
      instead: policiesOf(instead, `-for${hook.replace(/^security/, '').replaceAll('_', '-')}`),
    }
  })
}

function wanted(rule: Rule, use: HookUse): Wanted[] {
  const filter = kernelFilter(rule.condition, use)
  return filter.length === 0 ? [] : [{ rule, use, filter }]
}

/** The hooks of a rule's log source; of `tetragon_hook` only if the rule names them. */
function usesOf(rule: Rule): readonly HookUse[] {
  const { uses = [] }: LogSource = logSources[rule.logSource]
  const isNamed = rule.logSource !== 'tetragon_hook' || requiresField(rule.condition, 'Hook')
  return isNamed ? uses.filter((use) => isNeeded(use, rule)) : []
}

/** A hook that the agent attaches for a rule. */
export interface HookNeed {
  readonly hook: string
  /** What the kernel passes; see {@link KernelFilter}. */
  readonly filter: KernelFilter
  /** Hooks of kernels without this one. */
  readonly instead: readonly string[]
}

/** The hooks of a rule; empty: none, or those of policies that the user loads. */
export function hookNeeds(rule: Rule): HookNeed[] {
  return usesOf(rule).flatMap((use) => {
    return wanted(rule, use).map(({ filter }) => ({
      hook: use.hook,
      filter,
      instead: (use.instead ?? []).map(({ hook }) => hook),
    }))
  })
}

function isNeeded({ onlyFor }: HookUse, { condition }: Rule): boolean {
  if (onlyFor === undefined) return true
  for (const { field } of testsOf(condition)) if (field.path === onlyFor) return true
  return false
}

/** Functions that a rule's policies hook: events of others at them are not needed. */
export function hooksOf(rule: Rule): ReadonlySet<string> {
  const hooks = usesOf(rule).flatMap((use) => [use, ...(use.instead ?? [])])
  return new Set(hooks.filter((use) => wanted(rule, use).length > 0).map(({ hook }) => hook))
}
