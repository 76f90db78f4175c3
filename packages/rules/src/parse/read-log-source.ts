import type { WrittenLogSource } from '../log-sources/find-log-source.ts'
import { type Member, membersOf, type RuleDocument, reportMissing, textOf } from './document.ts'

/** Reads `logsource`; undefined after a problem was reported. */
export function readLogSource(
  document: RuleDocument,
  outer: ReadonlyMap<string, Member>,
): WrittenLogSource | undefined {
  const { problems } = document
  const member = outer.get('logsource')
  if (member === undefined) {
    reportMissing(document, outer, 'logsource')
    return undefined
  }
  const members = membersOf(document, member.node ?? member.keyNode, member.path)
  if (members === undefined) return undefined
  const written: Record<string, string> = {}
  for (const key of ['category', 'product', 'service']) {
    const text = textOf(document, members.get(key))
    if (text !== undefined) written[key] = text.toLowerCase()
  }
  if (Object.keys(written).length === 0) {
    const message = 'logsource needs a category, product or service'
    problems.add(member.keyNode, member.path, 'RULE_MISSING_FIELD', message)
    return undefined
  }
  return written
}
