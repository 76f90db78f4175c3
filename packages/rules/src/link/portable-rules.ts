import type { LogSourceName } from '../log-sources/index.ts'
import type { Correlation, Rule, RuleFilter, RuleHead } from '../model/rule.ts'
import type { CorrelatedFields, LinkedCorrelation } from './link-correlations.ts'
import type { LinkedFilter, LinkedRule, LinkedRules } from './link-rules.ts'
import { type PortableExpression, portable, restored } from './portable-expression.ts'

/** What readers of a rule's file need, and evaluating it does not. */
type Unused = 'description' | 'status' | 'references' | 'falsePositives' | 'author'
/** A rule or correlation as findings show it. */
type Shown<Item extends RuleHead> = Omit<Item, Unused | 'condition' | 'aliases'>

/** A linked rule as JSON: for another thread, or a file. */
export interface PortableRule {
  readonly rule: Shown<Rule>
  readonly condition: PortableExpression
  /** Numbers of {@link PortableFilters}. */
  readonly filters: readonly number[]
  readonly alone: boolean
}

/** A filter for rules of one log source, as JSON. */
export interface PortableFilter {
  readonly filter: Omit<RuleFilter, 'condition'>
  readonly condition: PortableExpression
}

/** A correlation whose rules and correlations are numbers, as JSON. */
export interface PortableCorrelation {
  readonly correlation: Shown<Correlation>
  readonly aliases: readonly (readonly [
    alias: string,
    fields: readonly (readonly [rule: string, field: string])[],
  ])[]
  readonly parts: readonly { readonly rule?: number; readonly correlation?: number }[]
  readonly fields: readonly (readonly [rule: number, fields: CorrelatedFields])[]
}

/** Filters of rules: most rules have the same ones. */
export class PortableFilters {
  readonly all: PortableFilter[] = []
  readonly #numbers = new Map<RuleFilter, Map<LogSourceName, number>>()

  /** The number of a filter for a log source. */
  numberOf({ filter, condition }: LinkedFilter, logSource: LogSourceName): number {
    const ofFilter = this.#numbers.get(filter) ?? new Map<LogSourceName, number>()
    this.#numbers.set(filter, ofFilter)
    let number = ofFilter.get(logSource)
    if (number === undefined) {
      const { condition: _, ...head } = filter
      number = this.all.push({ filter: head, condition: portable(condition) }) - 1
      ofFilter.set(logSource, number)
    }
    return number
  }
}

/** A rule as JSON. @param known gets its filters */
export function portableRule(
  { rule, filters, alone }: LinkedRule,
  known: PortableFilters,
): PortableRule {
  const { condition, ...head } = rule
  return {
    rule: shown(head),
    condition: portable(condition),
    filters: filters.map((each) => known.numberOf(each, rule.logSource)),
    alone,
  }
}

function shown<Head extends Omit<RuleHead, never>>(head: Head): Omit<Head, Unused> {
  const { description, status, references, falsePositives, author, ...used } = head
  return used
}

/** What a rule from JSON has instead of texts that it lacks. */
const unused = { references: [], falsePositives: [] }

/** A filter from JSON. */
export function restoredFilter({ filter, condition }: PortableFilter): LinkedFilter {
  // It is linked.
  return { filter: { ...filter, condition: () => undefined }, condition: restored(condition) }
}

/** A rule from JSON. @param known filters by number */
export function restoredRule(
  { rule, condition, filters, alone }: PortableRule,
  known: ReadonlyMap<number, LinkedFilter>,
): LinkedRule {
  return {
    rule: { ...rule, ...unused, condition: restored(condition) },
    filters: filters.flatMap((number) => known.get(number) ?? []),
    alone,
  }
}

/** Correlations as JSON. */
export function portableCorrelations(linked: LinkedRules): PortableCorrelation[] {
  const rules = new Map<unknown, number>(linked.rules.map(({ rule }, i) => [rule, i]))
  const others = new Map<unknown, number>(
    linked.correlations.map((each, i) => [each.correlation, i]),
  )
  return linked.correlations.map(({ correlation, parts, fields }) => {
    const { aliases, ...head } = correlation
    return {
      correlation: shown(head),
      aliases: [...aliases].map(([alias, byRule]) => [alias, [...byRule]] as const),
      parts: parts.map((part) => {
        const rule = rules.get(part)
        return rule === undefined ? { correlation: others.get(part) ?? -1 } : { rule }
      }),
      fields: [...fields].flatMap(([rule, each]) => {
        const number = rules.get(rule)
        return number === undefined ? [] : [[number, each] as const]
      }),
    }
  })
}

/** Correlations from JSON. @param rules restored in the same order */
export function restoredCorrelations(
  portables: readonly PortableCorrelation[],
  rules: readonly LinkedRule[],
): LinkedCorrelation[] {
  const correlations = portables.map(({ correlation, aliases }): Correlation => {
    const byAlias = aliases.map(([alias, byRule]) => [alias, new Map(byRule)] as const)
    return { ...correlation, ...unused, aliases: new Map(byAlias) }
  })
  return portables.map(({ parts, fields }, i) => ({
    correlation: correlations[i],
    parts: parts.map((part) =>
      part.rule === undefined ? correlations[part.correlation ?? -1] : rules[part.rule].rule,
    ),
    fields: new Map(fields.map(([rule, each]) => [rules[rule].rule, each])),
  }))
}
