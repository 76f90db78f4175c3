import { type ImageTest, imageProgram, type Logic } from '@tetragon-ts/policy'
import type { RuleDiagnostic } from '../diagnostics/diagnostic.ts'
import type { LinkedRule, LinkedRules } from '../link/link-rules.ts'
import type { WrittenAt } from '../model/expression.ts'
import type { Rule, RuleAction } from '../model/rule.ts'
import { type BlockHook, blockHooks } from './block-hooks.ts'
import { type BlockSelector, blockSelectors } from './block-selectors.ts'
import { killCondition } from './kill-condition.ts'
import { vitalPrograms } from './reach.ts'
import { type Refusal, Refusals } from './refusal.ts'

/** Operators that nearly all operations pass. */
const openOperators = new Set(['Mask', 'NotEqual', 'NotPrefix', 'NotPostfix'])
/** Programs that a warning names. */
const shownMax = 3

/** What the kernel does when a rule matches. */
export interface EnforcedRule {
  readonly action: RuleAction
  /** Where it decides: of `kill`, at the exec alone. */
  readonly hooks: readonly {
    readonly hook: BlockHook | 'exec'
    readonly selectors: readonly BlockSelector[]
  }[]
}

/** An action that the kernel can execute, or why it cannot. */
export type Enforceability = EnforcedRule | { readonly refusals: readonly Refusal[] }

/** Whether the kernel can decide a rule in time for an action. */
export function enforceability(linked: LinkedRule, action: RuleAction): Enforceability {
  const at = linked.rule.action
  if (!linked.alone) {
    const reason = 'only correlations use the rule: they are decided after its events'
    return { refusals: [{ reason, at }] }
  }
  const found = action === 'kill' ? killed(linked) : blocked(linked)
  if ('refusals' in found) return found
  const images = found.hooks.flatMap(({ selectors }) => selectors.flatMap((each) => each.images))
  for (const { condition } of images.flatMap(testsOf)) {
    const program = imageProgram(condition)
    if (!('tooLarge' in program)) continue
    const reason = `the condition is too large for the kernel: ${program.tooLarge}`
    return { refusals: [{ reason, at }] }
  }
  return found
}

function killed(linked: LinkedRule): Enforceability {
  const found = killCondition(linked)
  if ('refusals' in found) return found
  const selectors = [{ tests: [], images: [found.condition] }]
  return { action: 'kill', hooks: [{ hook: 'exec', selectors }] }
}

function blocked({ rule, filters }: LinkedRule): Enforceability {
  const { logSource, action: at } = rule
  const hooks = blockHooks[logSource]
  if (hooks === undefined) {
    const reason =
      logSource === 'process_creation'
        ? 'block refuses operations; a program is ended before its first instruction: write kill'
        : `the kernel cannot refuse what ${logSource} is about`
    return { refusals: [{ reason, at }] }
  }
  const of = [rule.condition, ...filters.map(({ condition }) => condition)]
  const refusals = new Refusals()
  const selected = hooks.map((hook) => {
    return { hook, selectors: blockSelectors({ kind: 'and', of }, hook, refusals) }
  })
  if (refusals.all.length > 0) return { refusals: refusals.all }
  // A constant can exclude a hook.
  const reached = selected.filter(({ selectors }) => selectors.length > 0)
  if (reached.length > 0) return { action: 'block', hooks: reached }
  return { refusals: [{ reason: 'the kernel refuses nothing that the rule matches', at }] }
}

/** Rules with an action that the kernel can execute, and what was found out about the others. */
export interface EnforcedRules {
  readonly rules: ReadonlyMap<Rule, EnforcedRule>
  /** Errors for actions that the kernel cannot execute: these rules only detect. */
  readonly diagnostics: readonly RuleDiagnostic[]
}

/** Finds out which actions of rules can be in force. */
export function enforceRules({ rules }: Pick<LinkedRules, 'rules'>): EnforcedRules {
  const enforced = new Map<Rule, EnforcedRule>()
  const diagnostics: RuleDiagnostic[] = []
  for (const each of rules) {
    const { rule } = each
    const { action } = rule
    if (action === undefined) continue
    const found = enforceability(each, action.name)
    if ('refusals' in found) {
      for (const { reason, at = action } of found.refusals) {
        const message = `"${rule.title}" only detects, ${action.name} is refused: ${reason}`
        diagnostics.push(diagnostic('error', 'RULE_ENFORCEMENT', message, at))
      }
      continue
    }
    enforced.set(rule, found)
    const reach = reachOf(found)
    if (reach === undefined) continue
    diagnostics.push(diagnostic('warning', 'RULE_REACH', `"${rule.title}" ${reach}`, action))
  }
  return { rules: enforced, diagnostics }
}

/** What a rule reaches that a host needs; undefined: nothing that is known. */
function reachOf({ action, hooks }: EnforcedRule): string | undefined {
  const selectors = hooks.flatMap((each) => each.selectors)
  if (action === 'block') {
    const isOpen = selectors.some(({ tests, images }) => {
      return images.length === 0 && tests.every(({ operator }) => openOperators.has(operator))
    })
    return isOpen ? 'refuses operations of all programs that the exceptions do not name' : undefined
  }
  const vital = selectors.flatMap(({ images }) => images.flatMap(vitalPrograms))
  if (vital.length === 0) return undefined
  return `kills what a host needs, such as ${vital.slice(0, shownMax).join(', ')}`
}

function diagnostic(
  severity: RuleDiagnostic['severity'],
  code: RuleDiagnostic['code'],
  message: string,
  { file, line, column }: WrittenAt,
): RuleDiagnostic {
  return { severity, code, message, path: 'action', file, line, column }
}

function testsOf(condition: Logic<ImageTest>): ImageTest[] {
  if (condition.kind === 'image') return [condition]
  return condition.kind === 'not' ? testsOf(condition.of) : condition.of.flatMap(testsOf)
}
