import { type ImageTest, imageProgram, type Logic } from '@tetragon-ts/policy'
import type { RuleDiagnostic } from '../diagnostics/diagnostic.ts'
import type { LinkedRule, LinkedRules } from '../link/link-rules.ts'
import type { WrittenAt } from '../model/expression.ts'
import type { Rule, RuleAction } from '../model/rule.ts'
import { killCondition } from './kill-condition.ts'
import { vitalPrograms } from './reach.ts'
import type { Refusal } from './refusal.ts'

/** Programs that a warning names. */
const shownMax = 3

/** What the kernel does when a rule matches. */
export interface EnforcedRule {
  readonly action: 'kill'
  readonly condition: Logic<ImageTest>
}

/** An action that the kernel can execute, or why it cannot. */
export type Enforceability = EnforcedRule | { readonly refusals: readonly Refusal[] }

/** Whether the kernel can decide a rule in time for an action. */
export function enforceability(linked: LinkedRule, action: RuleAction): Enforceability {
  if (action === 'block') {
    const reason =
      linked.rule.logSource === 'process_creation'
        ? 'block refuses operations; a program is ended before its first instruction: write kill'
        : `${linked.rule.logSource} cannot be refused by a rule: write a policy`
    return { refusals: [{ reason, at: linked.rule.action }] }
  }
  const found = killCondition(linked)
  if ('refusals' in found) return found
  for (const { condition } of testsOf(found.condition)) {
    const program = imageProgram(condition)
    if (!('tooLarge' in program)) continue
    const reason = `the condition is too large for the kernel: ${program.tooLarge}`
    return { refusals: [{ reason, at: linked.rule.action }] }
  }
  return { action, ...found }
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
    const vital = vitalPrograms(found.condition)
    if (vital.length === 0) continue
    const message = `"${rule.title}" kills what a host needs, such as ${vital.slice(0, shownMax).join(', ')}`
    diagnostics.push(diagnostic('warning', 'RULE_REACH', message, action))
  }
  return { rules: enforced, diagnostics }
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
