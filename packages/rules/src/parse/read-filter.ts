import { covers } from '../log-sources/find-log-source.ts'
import { logSources } from '../log-sources/index.ts'
import type { Rule, RuleFilter } from '../model/rule.ts'
import type { ModifierContext } from '../modifiers/modifier.ts'
import { type Member, membersOf, type RuleDocument, textsOf } from './document.ts'
import { fieldsOfLogSource } from './log-source-fields.ts'
import { readDetection } from './read-detection.ts'
import { readFilterTerms } from './read-filter-terms.ts'
import { readId, readTitle } from './read-head.ts'
import { readLogSource } from './read-log-source.ts'

const ownKeys = new Set(['rules'])

/** Reads a filter; undefined after a problem was reported. */
export function readFilter(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
  context: ModifierContext,
  nowMs: number,
): RuleFilter | undefined {
  const { problems, tree } = document
  const title = readTitle(document, members)
  const id = readId(document, members)
  const terms = readFilterTerms(document, members, nowMs)
  const written = readLogSource(document, members)
  const filter = members.get('filter')
  const inner = membersOf(document, filter?.node ?? filter?.keyNode, 'filter')
  if (title === undefined || written === undefined || inner === undefined) return undefined
  const listed = inner.get('rules')
  const rules = textsOf(document, listed).map((each) => each.toLowerCase())
  if (listed === undefined) {
    problems.add(
      filter?.keyNode,
      'filter.rules',
      'RULE_MISSING_FIELD',
      'rules is missing: list rules, or any',
    )
  }
  // The condition is read for the log source of each rule, since fields differ.
  const applies = Object.values(logSources).filter(({ name, key }) => {
    return covers(written, { product: written.product, [key]: name })
  })
  if (applies.length === 0) {
    problems.add(
      members.get('logsource')?.keyNode,
      'logsource',
      'RULE_LOG_SOURCE',
      'no log source of this host is like this',
    )
    return undefined
  }
  const conditions = new Map<string, Rule['condition']>()
  const before = problems.diagnostics.length
  for (const logSource of applies) {
    const fields = fieldsOfLogSource(document, logSource)
    const reported = problems.diagnostics.length
    const condition = readDetection({ ...context, document, fields }, inner, 'filter', ownKeys)
    const found = problems.diagnostics.slice(reported)
    const isValid = found.every(({ severity }) => severity === 'warning')
    if (condition !== undefined && isValid) conditions.set(logSource.name, condition)
  }
  // Fields that only some of the covered log sources have are not an error.
  if (conditions.size > 0) problems.forget(before)
  if (problems.failed) return undefined
  const isAll = rules.length === 0 || rules.includes('any')
  return {
    kind: 'filter',
    title,
    id,
    written,
    rules: isAll ? undefined : rules,
    ...terms,
    condition: (logSource) => conditions.get(logSource),
    file: problems.file,
    line: tree.lines[0],
    column: 1,
  }
}
