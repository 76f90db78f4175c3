import { ruleActions, type WrittenAction } from '../model/rule.ts'
import { isNull, type Member, type RuleDocument, textOf } from './document.ts'

/** Reads the action of a rule; undefined if there is none, or a problem was reported. */
export function readAction(
  document: RuleDocument,
  member: Member | undefined,
): WrittenAction | undefined {
  const text = textOf(document, member)
  if (member === undefined || (text === undefined && !isNull(member.node))) return undefined
  const { problems } = document
  const name = ruleActions.find((each) => each === text)
  if (name !== undefined) {
    return { name, file: problems.file, ...problems.position(member.keyNode) }
  }
  const message =
    text === undefined ? 'action is empty' : `${JSON.stringify(text)} is not an action of rules`
  const details = { allowed: ruleActions, ...(text === undefined ? {} : { given: text }) }
  problems.add(member.node ?? member.keyNode, member.path, 'RULE_VALUE', message, details)
  return undefined
}
