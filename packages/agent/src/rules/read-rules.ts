import {
  enforceRules,
  fromLevel,
  hasExpired,
  type LinkedRules,
  linkRules,
  type Rule,
  type RuleDiagnostic,
  type RuleFilter,
  type RuleHead,
  type RuleItem,
  readRules,
  ruleKey,
  withoutExpired,
} from '@tetragon-ts/rules'
import type { RuleText } from './rule-texts.ts'
import type { FilterInForce, RuleInForce } from './rules-in-force.ts'

/** Maximum number of errors that are reported one by one. */
const shownErrors = 20

/** Rules of files. */
export interface ReadRules {
  /** Without the filters that have expired. */
  readonly linked: LinkedRules
  readonly filters: readonly FilterInForce[]
  /** Why rules are left out, one line each. */
  readonly leftOut: readonly string[]
  /** Errors of each file that has some, one line each. */
  readonly byFile: ReadonlyMap<string, readonly string[]>
}

/** Reads the rules of files. Those with errors are left out. */
export function readAllRules(texts: readonly RuleText[]): ReadRules {
  const items: RuleItem[] = []
  const diagnostics: RuleDiagnostic[] = []
  for (const { path, text } of texts) {
    const read = readRules(text, path)
    for (const each of read.items) items.push(each)
    for (const each of read.diagnostics) diagnostics.push(each)
  }
  const all = linkRules(items)
  const least = new Map(texts.map((each) => [each.path, each.least]))
  const chosen = fromLevel(all, (file) => least.get(file))
  const nowMs = Date.now()
  const linked = withoutExpired(chosen, nowMs)
  const enforced = enforceRules(linked)
  for (const each of linked.diagnostics) diagnostics.push(each)
  for (const each of enforced.diagnostics) diagnostics.push(each)
  return {
    linked,
    filters: filtersOf(chosen, nowMs),
    leftOut: errorLines(diagnostics, 'rule left out: '),
    byFile: byFile(diagnostics),
  }
}

function filtersOf({ rules }: LinkedRules, nowMs: number): FilterInForce[] {
  const applied = new Map<RuleFilter, Rule[]>()
  for (const { rule, filters } of rules) {
    for (const { filter } of filters) {
      const others = applied.get(filter)
      if (others === undefined) applied.set(filter, [rule])
      else others.push(rule)
    }
  }
  return [...applied].map(([filter, rules]) => {
    const { title, file, line, owner = '', expires } = filter
    return {
      ...{ filter: ruleKey(filter), title, file, line, owner, expires },
      rules: rules.map(ruleKey),
      isEnforced: rules.some(({ action }) => action !== undefined),
      wasExpired: hasExpired(filter, nowMs),
    }
  })
}

function byFile(diagnostics: readonly RuleDiagnostic[]): Map<string, string[]> {
  const files = new Map<string, RuleDiagnostic[]>()
  for (const each of diagnostics) {
    if (each.severity !== 'error') continue
    const others = files.get(each.file)
    if (others === undefined) files.set(each.file, [each])
    else others.push(each)
  }
  return new Map([...files].map(([file, each]) => [file, errorLines(each)]))
}

/** What clients see of rules. */
export function rulesOf({
  rules,
  correlations,
}: Pick<LinkedRules, 'rules' | 'correlations'>): RuleInForce[] {
  const inForce = (head: RuleHead, source: string): RuleInForce => {
    const { title, level = '', techniques, file } = head
    return { rule: ruleKey(head), title, level, techniques, source, file, action: '' }
  }
  const { rules: enforced } = enforceRules({ rules })
  return [
    ...rules.map(({ rule }): RuleInForce => {
      return { ...inForce(rule, rule.logSource), action: enforced.get(rule)?.action ?? '' }
    }),
    ...correlations.map(({ correlation }) => inForce(correlation, correlation.type)),
  ]
}

function errorLines(diagnostics: readonly RuleDiagnostic[], start = ''): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lines = errors.slice(0, shownErrors).map(({ file, line, column, message, code }) => {
    const kind = start === '' || code !== 'RULE_ENFORCEMENT' ? start : 'rule not enforced: '
    return `${kind}${file}:${line}:${column}: ${message} [${code}]`
  })
  const more = errors.length - lines.length
  return more > 0 ? [...lines, `${more} more errors of rules: see tetra rules check`] : lines
}
