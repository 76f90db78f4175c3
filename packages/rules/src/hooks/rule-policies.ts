import { enforcementPolicies } from '../enforce/enforcement-policies.ts'
import type { LinkedRules } from '../link/link-rules.ts'
import type { HookUse } from '../log-sources/hook-use.ts'
import { type LogSource, logSources } from '../log-sources/index.ts'
import { type KernelHookName, rulePolicyName } from '../log-sources/kernel-hook.ts'
import { testsOf } from '../model/expression.ts'
import type { Rule } from '../model/rule.ts'
import { ruleKey } from '../model/rule-key.ts'
import type { RulePolicy } from '../model/rule-policy.ts'
import { either, type KernelFilter, passesAll } from './kernel-filter.ts'
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
  return policiesOf(rules.flatMap(({ rule }) => wantedOf(rule)))
}

function wantedOf(rule: Rule): Wanted[] {
  return usesOf(rule).flatMap((use) => wanted(rule, use))
}

/** @param suffix of the names, of policies that others have instead */
function policiesOf(all: readonly Wanted[], suffix = ''): RulePolicy[] {
  return [...byHook(all)].map(([hook, uses]) => {
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

function byHook(all: readonly Wanted[]): Map<KernelHookName, Wanted[]> {
  const hooks = new Map<KernelHookName, Wanted[]>()
  for (const each of all) {
    const others = hooks.get(each.use.hook)
    if (others === undefined) hooks.set(each.use.hook, [each])
    else others.push(each)
  }
  return hooks
}

/** What the kernel passes at a hook, for all rules together. */
export interface HookFilter {
  readonly hook: string
  /** Rules that need the hook. */
  readonly rules: readonly Rule[]
  readonly filter: KernelFilter
  /**
   * Rules that the kernel cannot filter calls for. If there are none although all calls pass, the
   * tests of the rules are too many together.
   */
  readonly unfiltered: readonly Rule[]
}

/** What the kernel passes at each hook that the agent attaches for rules. */
export function hookFilters({ rules }: Pick<LinkedRules, 'rules'>): HookFilter[] {
  return [...byHook(rules.flatMap(({ rule }) => wantedOf(rule)))].map(([hook, uses]) => ({
    hook,
    rules: [...new Set(uses.map(({ rule }) => rule))],
    filter: either(uses.map(({ filter }) => filter)),
    unfiltered: uses.filter(({ filter }) => passesAll(filter)).map(({ rule }) => rule),
  }))
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
  return wantedOf(rule).map(({ use: { hook, instead = [] }, filter }) => {
    return { hook, filter, instead: instead.map((other) => other.hook) }
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
