import type { RuleDiagnostic } from '../diagnostics/diagnostic.ts'
import { covers } from '../log-sources/find-log-source.ts'
import type { Expression } from '../model/expression.ts'
import type {
  Correlation,
  Rule,
  RuleEnforcement,
  RuleFilter,
  RuleItem,
  WrittenAction,
} from '../model/rule.ts'
import { type LinkedCorrelation, linkCorrelations } from './link-correlations.ts'
import { type Names, type Report, unknownReference } from './references.ts'

/** An exception of a rule, for its log source. */
export interface LinkedFilter {
  readonly filter: RuleFilter
  readonly condition: Expression
}

/** A rule with the filters that apply to it. */
export interface LinkedRule {
  readonly rule: Rule
  readonly filters: readonly LinkedFilter[]
  /** Whether it fires by itself: not if only correlations use it. */
  readonly alone: boolean
}

/** Rules of several files with their references resolved. */
export interface LinkedRules {
  readonly rules: readonly LinkedRule[]
  readonly correlations: readonly LinkedCorrelation[]
  /** Errors and warnings about references; items with errors are left out. */
  readonly diagnostics: readonly RuleDiagnostic[]
}

/**
 * Resolves what filters and correlations of all files refer to: by id first, then by name. Of two
 * rules with the same id the first one counts, and the other one is an error.
 */
export function linkRules(items: readonly RuleItem[]): LinkedRules {
  const diagnostics: RuleDiagnostic[] = []
  const report: Report = (item, code, message, severity = 'error') => {
    diagnostics.push({
      ...{ severity, code, message, path: '', file: item.file, line: item.line, column: 1 },
    })
  }
  const { rules, filters, enforcements, correlations, names } = sorted(items, report)
  const filtersOf = new Map<Rule, LinkedFilter[]>()
  for (const filter of filters) {
    for (const rule of rulesOf(filter, rules, names, report)) {
      const condition = filter.condition(rule.logSource)
      if (condition === undefined) {
        if (filter.rules === undefined) continue
        const message = `filter "${filter.title}" has a field that ${rule.logSource} of "${rule.title}" lacks`
        report(filter, 'RULE_REFERENCE', message)
      } else {
        const others = filtersOf.get(rule)
        if (others === undefined) filtersOf.set(rule, [{ filter, condition }])
        else others.push({ filter, condition })
      }
    }
  }
  const linked = linkCorrelations(correlations, names, report)
  const inner = new Set<Rule>()
  for (const { correlation, parts } of linked) {
    if (correlation.generate) continue
    for (const part of parts) if (part.kind === 'rule') inner.add(part)
  }
  const actions = actionsOf(enforcements, names, report)
  return {
    rules: rules.map((each) => {
      const rule = actions.has(each) ? { ...each, action: actions.get(each) } : each
      return { rule, filters: filtersOf.get(each) ?? [], alone: !inner.has(each) }
    }),
    correlations: linked,
    diagnostics,
  }
}

function sorted(items: readonly RuleItem[], report: Report) {
  const rules: Rule[] = []
  const filters: RuleFilter[] = []
  const enforcements: RuleEnforcement[] = []
  const correlations: Correlation[] = []
  const names = new Map<string, Rule | Correlation>()
  for (const item of items) {
    if (item.kind === 'filter') {
      filters.push(item)
      continue
    }
    if (item.kind === 'enforcement') {
      enforcements.push(item)
      continue
    }
    const first = item.id === undefined ? undefined : names.get(item.id)
    if (first !== undefined) {
      const message = `id ${item.id} is that of "${first.title}" in ${first.file}`
      report(item, 'RULE_DUPLICATE_KEY', message)
      continue
    }
    if (item.id !== undefined) names.set(item.id, item)
    const name = item.name?.toLowerCase()
    if (name !== undefined && !names.has(name)) names.set(name, item)
    if (item.kind === 'rule') rules.push(item)
    else correlations.push(item)
  }
  return { rules, filters, enforcements, correlations, names }
}

/** Actions that other documents give to rules; of two, the first one counts. */
function actionsOf(
  enforcements: readonly RuleEnforcement[],
  names: Names,
  report: Report,
): ReadonlyMap<Rule, WrittenAction> {
  const actions = new Map<Rule, WrittenAction>()
  for (const each of enforcements) {
    for (const reference of each.rules) {
      const found = names.get(reference)
      if (found === undefined) {
        report(each, 'RULE_REFERENCE', unknownReference(reference, names))
      } else if (found.kind === 'correlation') {
        const message = `the correlation "${found.title}" is decided after its events: enforce rules`
        report(each, 'RULE_REFERENCE', message)
      } else if (actions.has(found) && actions.get(found)?.name !== each.action.name) {
        const message = `"${found.title}" has the action ${actions.get(found)?.name} elsewhere`
        report(each, 'RULE_REFERENCE', message)
      } else actions.set(found, each.action)
    }
  }
  return actions
}

function rulesOf(filter: RuleFilter, all: readonly Rule[], names: Names, report: Report): Rule[] {
  if (filter.rules === undefined)
    return all.filter(({ written }) => covers(filter.written, written))
  return filter.rules.flatMap((reference) => {
    const found = names.get(reference)
    if (found === undefined) {
      report(filter, 'RULE_REFERENCE', unknownReference(reference, names))
      return []
    }
    if (found.kind === 'correlation') {
      const message = `filters do not apply to correlations such as "${found.title}"`
      report(filter, 'RULE_REFERENCE', message)
      return []
    }
    if (covers(filter.written, found.written)) return [found]
    const message = `the filter's logsource does not cover that of "${found.title}"`
    report(filter, 'RULE_REFERENCE', message, 'warning')
    return []
  })
}
