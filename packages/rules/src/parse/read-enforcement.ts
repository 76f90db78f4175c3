import type { RuleEnforcement } from '../model/rule.ts'
import { type Member, membersOf, type RuleDocument, reportMissing, textsOf } from './document.ts'
import { readAction } from './read-action.ts'
import { readTitle } from './read-head.ts'

/**
 * Reads a document that gives rules an action; undefined after a problem was reported:
 *
 * ```yaml
 * title: Kill Reverse Shells
 * enforcement: { rules: [ID or name], action: kill }
 * ```
 */
export function readEnforcement(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
): RuleEnforcement | undefined {
  const { problems, tree } = document
  const title = readTitle(document, members)
  const outer = members.get('enforcement')
  const inner = membersOf(document, outer?.node ?? outer?.keyNode, 'enforcement')
  if (inner === undefined) return undefined
  const rules = textsOf(document, inner.get('rules')).map((each) => each.toLowerCase())
  if (rules.length === 0) {
    const message = 'rules is missing: list ids or names of rules'
    problems.add(outer?.keyNode, 'enforcement.rules', 'RULE_MISSING_FIELD', message)
  }
  if (!inner.has('action')) {
    reportMissing(document, inner, 'action', [], 'enforcement.action')
  }
  const action = readAction(document, inner.get('action'))
  if (title === undefined || action === undefined || problems.failed) return undefined
  const { file } = problems
  return { kind: 'enforcement', title, rules, action, file, line: tree.lines[0] }
}
