import type { FieldRef } from '../log-sources/field-ref.ts'
import { findField } from '../log-sources/find-field.ts'
import { logSources } from '../log-sources/index.ts'
import type { Correlation, Rule } from '../model/rule.ts'
import { type Names, type Report, unknownReference } from './references.ts'

/** A correlation with the rules that it names, each before the correlations that use it. */
export interface LinkedCorrelation {
  readonly correlation: Correlation
  readonly parts: readonly (Rule | Correlation)[]
  /**
   * For each rule, also of inner correlations, the fields of `group-by`, and those whose values are
   * counted.
   */
  readonly fields: ReadonlyMap<Rule, CorrelatedFields>
}

export interface CorrelatedFields {
  readonly groupBy: readonly FieldRef[]
  readonly values: readonly FieldRef[]
}

/** Resolves the references of correlations, in an order in which parts come first. */
export function linkCorrelations(
  correlations: readonly Correlation[],
  names: Names,
  report: Report,
): LinkedCorrelation[] {
  const linked: LinkedCorrelation[] = []
  const states = new Map<Correlation, 'open' | 'done' | 'failed'>()
  /** @returns whether it can be used */
  const visit = (correlation: Correlation): boolean => {
    const state = states.get(correlation)
    if (state === 'open') {
      report(correlation, 'RULE_REFERENCE', `correlation "${correlation.title}" refers to itself`)
      states.set(correlation, 'failed')
      return false
    }
    if (state !== undefined) return state === 'done'
    states.set(correlation, 'open')
    const parts: (Rule | Correlation)[] = []
    let valid = true
    for (const reference of correlation.rules) {
      const found = names.get(reference)
      if (found === undefined) {
        report(correlation, 'RULE_REFERENCE', unknownReference(reference, names))
        valid = false
      } else if (found.kind === 'correlation' && !visit(found)) valid = false
      else parts.push(found)
    }
    const fields = correlatedFields(correlation, rulesOf(parts, linked), report)
    valid &&= fields !== undefined && states.get(correlation) !== 'failed'
    states.set(correlation, valid ? 'done' : 'failed')
    if (valid && fields !== undefined) linked.push({ correlation, parts, fields })
    return valid
  }
  for (const each of correlations) visit(each)
  return linked
}

/** The rules among parts, and those of the correlations among them. */
function rulesOf(
  parts: readonly (Rule | Correlation)[],
  linked: readonly LinkedCorrelation[],
): Set<Rule> {
  const rules = new Set<Rule>()
  for (const part of parts) {
    if (part.kind === 'rule') rules.add(part)
    else {
      const inner = linked.find(({ correlation }) => correlation === part)
      for (const rule of inner?.fields.keys() ?? []) rules.add(rule)
    }
  }
  return rules
}

/** Fields of each rule. */
function correlatedFields(
  correlation: Correlation,
  rules: ReadonlySet<Rule>,
  report: Report,
): Map<Rule, CorrelatedFields> | undefined {
  const { groupBy, valueFields, aliases } = correlation
  const result = new Map<Rule, CorrelatedFields>()
  let valid = true
  const find = (rule: Rule, written: string): FieldRef[] => {
    const alias = aliases.get(written)
    const name =
      alias === undefined
        ? written
        : (alias.get(rule.id ?? '') ?? alias.get(rule.name?.toLowerCase() ?? ''))
    const found = name === undefined ? undefined : findField(logSources[rule.logSource], name)
    if (found !== undefined && found.of !== 'nothing') return [found]
    valid = false
    const reason = found === undefined ? `${rule.logSource} has no such field` : found.reason
    const message =
      name === undefined
        ? `alias ${JSON.stringify(written)} names no field of "${rule.title}"`
        : `field ${JSON.stringify(name)} of "${rule.title}": ${reason}`
    report(correlation, 'RULE_UNKNOWN_FIELD', message)
    return []
  }
  for (const rule of rules) {
    result.set(rule, {
      groupBy: groupBy.flatMap((each) => find(rule, each)),
      values: valueFields.flatMap((each) => find(rule, each)),
    })
  }
  return valid ? result : undefined
}
