import { isMap, readYamlDocuments } from '@tetragon-ts/policy/yaml'
import type { RuleDiagnostic } from '../diagnostics/diagnostic.ts'
import { Problems } from '../diagnostics/problems.ts'
import type { RuleItem } from '../model/rule.ts'
import { type Member, membersOf, type RuleDocument, scalarText } from './document.ts'
import { readCorrelation } from './read-correlation.ts'
import { readEnforcement } from './read-enforcement.ts'
import { readFilter } from './read-filter.ts'
import { readRule } from './read-rule.ts'

/** Largest file, in UTF-16 units. */
const longestFile = 8 * 1024 * 1024

/** Content of a file of rules. */
export interface RuleFile {
  /** Valid rules, correlations and filters, in order. */
  readonly items: readonly RuleItem[]
  /** Errors and warnings, in file order. */
  readonly diagnostics: readonly RuleDiagnostic[]
}

/** Settings of the reader. */
export interface ReadRulesOptions {
  /** Values of placeholders such as `%Servers%`, for the modifier `expand`. */
  readonly placeholders?: Readonly<Record<string, readonly string[]>>
  /** Milliseconds since 1970, for the warning about filters that have expired; else now. */
  readonly nowMs?: number
}

/**
 * Reads the documents of a file in Sigma's language: rules, correlations and filters. Never throws:
 * every problem is a diagnostic with a position. Untrusted files cost a second at most.
 * @param file name in diagnostics
 */
export function readRules(text: string, file: string, options: ReadRulesOptions = {}): RuleFile {
  const whole = (message: string, line = 1, column = 1): RuleDiagnostic => {
    return { severity: 'error', code: 'RULE_YAML', message, path: '', file, line, column }
  }
  if (text.length > longestFile) {
    const message = `parse YAML: the file is larger than ${longestFile / 1024 / 1024} MiB: split it`
    return { items: [], diagnostics: [whole(message)] }
  }
  const { trees, problems: faults } = readYamlDocuments(text)
  const diagnostics = faults.map((each) => {
    return whole(`parse YAML: ${each.message}`, each.line, each.column)
  })
  const items: RuleItem[] = []
  for (const tree of trees) {
    const problems = new Problems(file, tree)
    for (const alias of tree.unresolved) {
      problems.add(alias, '', 'RULE_YAML', `parse YAML: unknown anchor &${alias.source}`)
    }
    const item = readDocument({ tree, problems }, options)
    if (item !== undefined && !problems.failed) items.push(item)
    diagnostics.push(...problems.diagnostics)
  }
  if (trees.length === 0 && diagnostics.length === 0) {
    diagnostics.push({ ...whole('the file contains no rule'), code: 'RULE_EMPTY' })
  }
  diagnostics.sort((a, b) => a.line - b.line || a.column - b.column)
  return { items, diagnostics }
}

/** Values of `action` in Sigma 1, for several rules in a file. */
const collections = new Set(['global', 'reset', 'repeat'])

function readDocument(
  document: RuleDocument,
  { placeholders = {}, nowMs = Date.now() }: ReadRulesOptions,
): RuleItem | undefined {
  const { tree, problems } = document
  const root = tree.resolve(tree.root)
  if (!isMap(root)) {
    problems.add(root, '', 'RULE_TYPE', 'a rule is a group of fields such as title and detection')
    return undefined
  }
  const members = membersOf(document, root, '') as Map<string, Member>
  const action = members.get('action')
  if (collections.has(scalarText(action?.node) ?? '')) {
    const message = 'action is of Sigma 1: write each rule completely'
    problems.add(action?.keyNode, 'action', 'RULE_VALUE', message)
    return undefined
  }
  const context = { placeholders }
  if (members.has('correlation')) return readCorrelation(document, members)
  if (members.has('enforcement')) return readEnforcement(document, members)
  if (members.has('filter')) return readFilter(document, members, context, nowMs)
  return readRule(document, members, context)
}
