import { type ImageTest, imageProgram, type Logic } from '@tetragon-ts/policy'
import type { RuleDiagnostic } from '../diagnostics/diagnostic.ts'
import type { LinkedRule } from '../link/link-rules.ts'
import type { RuleAction } from '../model/rule.ts'
import { killCondition } from './kill-condition.ts'
import { vitalPrograms } from './reach.ts'
import type { Refusal } from './refusal.ts'

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

/** What the action of a rule becomes; the reasons why it cannot are reported. */
export function enforceRule(
  linked: LinkedRule,
  diagnostics: RuleDiagnostic[],
): EnforcedRule | undefined {
  const { rule } = linked
  const { action } = rule
  if (action === undefined) return undefined
  const add = (severity: 'error' | 'warning', message: string, at: Refusal['at'] = action) => {
    const code = severity === 'error' ? 'RULE_ENFORCEMENT' : 'RULE_REACH'
    const { file, line, column } = at
    diagnostics.push({ severity, code, message, path: 'action', file, line, column })
  }
  const found = enforceability(linked, action.name)
  if ('refusals' in found) {
    for (const { reason, at } of found.refusals) {
      add('error', `"${rule.title}" only detects, ${action.name} is refused: ${reason}`, at)
    }
    return undefined
  }
  const vital = vitalPrograms(found.condition)
  if (vital.length > 0) {
    add('warning', `"${rule.title}" kills what a host needs, such as ${vital.join(', ')}`)
  }
  return found
}

function testsOf(condition: Logic<ImageTest>): ImageTest[] {
  if (condition.kind === 'image') return [condition]
  return condition.kind === 'not' ? testsOf(condition.of) : condition.of.flatMap(testsOf)
}
