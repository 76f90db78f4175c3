import { findLogSource } from '../log-sources/find-log-source.ts'
import { logSources } from '../log-sources/index.ts'
import type { Rule } from '../model/rule.ts'
import type { ModifierContext } from '../modifiers/modifier.ts'
import { type Member, membersOf, type RuleDocument, reportMissing } from './document.ts'
import { fieldsOfLogSource } from './log-source-fields.ts'
import { readAction } from './read-action.ts'
import { readDetection } from './read-detection.ts'
import { reportMisplaced } from './read-filter-terms.ts'
import { readHead } from './read-head.ts'
import { readLogSource } from './read-log-source.ts'

/** Reads a rule; undefined after a problem was reported. */
export function readRule(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
  context: ModifierContext,
): Rule | undefined {
  const { problems } = document
  const head = readHead(document, members)
  reportMisplaced(document, members)
  const written = readLogSource(document, members)
  const action = readAction(document, members.get('action'))
  const detection = members.get('detection')
  if (detection === undefined) {
    reportMissing(document, members, 'detection', ['correlation', 'filter'])
  }
  if (written === undefined || detection === undefined) return undefined
  const found = findLogSource(written)
  if (!('name' in found)) {
    const { code, key, message, suggestion } = found
    const member = members.get('logsource')
    const inner = membersOf(document, member?.node, 'logsource')
    const where = inner?.get(key)?.node ?? member?.keyNode
    const hint = suggestion === undefined ? '' : `; did you mean ${JSON.stringify(suggestion)}?`
    problems.add(where, `logsource.${key}`, code, `${message}${hint}`)
    return undefined
  }
  const inner = membersOf(document, detection.node ?? detection.keyNode, detection.path)
  if (inner === undefined) return undefined
  const fields = fieldsOfLogSource(document, logSources[found.name])
  const condition = readDetection({ ...context, document, fields }, inner, detection.path)
  if (head === undefined || condition === undefined || problems.failed) return undefined
  const name = { logSource: found.name, written }
  return { kind: 'rule', ...head, ...name, condition, action }
}
