import type { Syntax } from '@tetragon-ts/policy/regexp'
import type { Expression } from '../model/expression.ts'
import type { Correlation, Rule, RuleFilter } from '../model/rule.ts'
import { restoredRegexpTest } from '../modifiers/re.ts'
import type { CorrelatedFields, LinkedCorrelation } from './link-correlations.ts'
import type { LinkedRule, LinkedRules } from './link-rules.ts'

/** A regular expression as data. */
interface PortableRegexp {
  readonly kind: 'regexp'
  readonly source: string
  readonly flags: string
  readonly syntax: Syntax | undefined
}

/** A linked rule without functions: it can be sent to another thread. */
export interface PortableRule {
  readonly rule: Omit<Rule, 'condition'>
  readonly condition: unknown
  readonly filters: readonly {
    readonly filter: Omit<RuleFilter, 'condition'>
    readonly condition: unknown
  }[]
  readonly alone: boolean
}

/** A correlation whose rules and correlations are numbers. */
export interface PortableCorrelation {
  readonly correlation: Correlation
  readonly parts: readonly { readonly rule?: number; readonly correlation?: number }[]
  readonly fields: readonly (readonly [rule: number, fields: CorrelatedFields])[]
}

/** A rule as data. */
export function portableRule({ rule, filters, alone }: LinkedRule): PortableRule {
  const { condition, ...head } = rule
  return {
    rule: head,
    condition: portable(condition),
    filters: filters.map(({ filter: { condition: _, ...filter }, condition: linked }) => {
      return { filter, condition: portable(linked) }
    }),
    alone,
  }
}

/** A rule from data. */
export function restoredRule({ rule, condition, filters, alone }: PortableRule): LinkedRule {
  return {
    rule: { ...rule, condition: restored(condition as Expression) },
    filters: filters.map((each) => ({
      // It is linked.
      filter: { ...each.filter, condition: () => undefined },
      condition: restored(each.condition as Expression),
    })),
    alone,
  }
}

/** Correlations as data. */
export function portableCorrelations(linked: LinkedRules): PortableCorrelation[] {
  const rules = new Map<unknown, number>(linked.rules.map(({ rule }, i) => [rule, i]))
  const others = new Map<unknown, number>(
    linked.correlations.map((each, i) => [each.correlation, i]),
  )
  return linked.correlations.map(({ correlation, parts, fields }) => ({
    correlation,
    parts: parts.map((part) => {
      const rule = rules.get(part)
      return rule === undefined ? { correlation: others.get(part) ?? -1 } : { rule }
    }),
    fields: [...fields].flatMap(([rule, each]) => {
      const number = rules.get(rule)
      return number === undefined ? [] : [[number, each] as const]
    }),
  }))
}

/** Correlations from data. @param rules restored in the same order */
export function restoredCorrelations(
  correlations: readonly PortableCorrelation[],
  rules: readonly LinkedRule[],
): LinkedCorrelation[] {
  return correlations.map(({ correlation, parts, fields }) => ({
    correlation,
    parts: parts.map((part) =>
      part.rule === undefined
        ? correlations[part.correlation ?? -1].correlation
        : rules[part.rule].rule,
    ),
    fields: new Map(fields.map(([rule, each]) => [rules[rule].rule, each])),
  }))
}

/** A condition with other forms of its expressions. */
function mapRegexps(expression: Expression, change: (test: never) => unknown): unknown {
  switch (expression.kind) {
    case 'test': {
      const { test } = expression
      return test.kind === 'regexp' ? { ...expression, test: change(test as never) } : expression
    }
    case 'not':
      return { ...expression, of: mapRegexps(expression.of, change) }
    default:
      return { ...expression, of: expression.of.map((each) => mapRegexps(each, change)) }
  }
}

function portable(expression: Expression): unknown {
  return mapRegexps(
    expression,
    ({ kind, source, flags, pattern }: PortableRegexp & { pattern: { syntax?: Syntax } }) => {
      return { kind, source, flags, syntax: pattern.syntax }
    },
  )
}

function restored(expression: Expression): Expression {
  return mapRegexps(expression, ({ source, flags, syntax }: PortableRegexp) => {
    return restoredRegexpTest(source, flags, syntax)
  }) as Expression
}
