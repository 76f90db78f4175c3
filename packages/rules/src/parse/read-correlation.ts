import type { Node } from '@tetragon-ts/policy/yaml'
import { type Correlation, correlationTypes } from '../model/rule.ts'
import { isNull, type Member, membersOf, type RuleDocument, textOf, textsOf } from './document.ts'
import { readHead } from './read-head.ts'

const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
/** State must be bounded in time. */
const longestMs = 30 * unitsMs.d

/** Types of Sigma that are not evaluated, with the reason. */
const others: Readonly<Record<string, string>> = {
  value_sum: 'events of processes have no amounts to add',
  value_avg: 'events of processes have no amounts to average',
  value_median: 'events of processes have no amounts to compare',
  value_percentile: 'Sigma does not define what it compares',
}

/** Comparisons that can be decided when an event arrives. */
const comparisons = ['gt', 'gte'] as const
/** The others of Sigma. */
const ofWholeWindows = new Set(['lt', 'lte', 'eq', 'neq'])
/** A window keeps as many events. */
const countMax = 10_000

/** Reads a correlation; undefined after a problem was reported. */
export function readCorrelation(
  document: RuleDocument,
  members: ReadonlyMap<string, Member>,
): Correlation | undefined {
  const { problems } = document
  const head = readHead(document, members)
  const action = members.get('action')
  if (action !== undefined) {
    const message = 'a correlation is decided after its events: write action into rules'
    problems.add(action.keyNode, 'action', 'RULE_VALUE', message)
  }
  const outer = members.get('correlation')
  const inner = membersOf(document, outer?.node ?? outer?.keyNode, 'correlation')
  if (inner === undefined) return undefined
  const type = readType(document, inner.get('type'), outer?.keyNode)
  const rules = textsOf(document, inner.get('rules')).map((each) => each.toLowerCase())
  if (rules.length === 0) {
    problems.add(outer?.keyNode, 'correlation.rules', 'RULE_MISSING_FIELD', 'rules is missing')
  }
  const timespanMs = readTimespan(document, inner.get('timespan'), outer?.keyNode)
  const { least, valueFields } = readCondition(document, inner.get('condition'))
  const isTemporal = type === 'temporal' || type === 'temporal_ordered'
  if (least === undefined && !isTemporal && type !== undefined) {
    const message = 'condition is missing, such as gte: 10'
    problems.add(outer?.keyNode, 'correlation.condition', 'RULE_MISSING_FIELD', message)
  }
  if (type === 'value_count' && valueFields.length === 0) {
    const message = 'value_count needs the field whose values it counts'
    problems.add(
      inner.get('condition')?.keyNode,
      'correlation.condition.field',
      'RULE_MISSING_FIELD',
      message,
    )
  }
  if (isTemporal && least !== undefined && least !== rules.length) {
    const isPossible = type === 'temporal' && least <= rules.length
    const message =
      type === 'temporal'
        ? `${least} of ${rules.length} rules cannot match`
        : 'temporal_ordered needs all of its rules'
    const where = inner.get('condition')?.keyNode
    if (!isPossible) problems.add(where, 'correlation.condition', 'RULE_VALUE', message)
  }
  const generate = [members.get('generate'), inner.get('generate')].some((each) => {
    return textOf(document, each)?.toLowerCase() === 'true'
  })
  const aliases = readAliases(document, inner.get('aliases'))
  const groupBy = textsOf(document, inner.get('group-by'))
  if (head === undefined || type === undefined || timespanMs === undefined || problems.failed) {
    return undefined
  }
  return {
    ...{ kind: 'correlation', ...head, type, rules, groupBy, aliases, timespanMs },
    ...{ least: least ?? rules.length, valueFields, generate },
  }
}

function readType(
  document: RuleDocument,
  member: Member | undefined,
  outer: Node | undefined,
): Correlation['type'] | undefined {
  const text = textOf(document, member)
  const found = correlationTypes.find((each) => each === text)
  if (found !== undefined) return found
  const where = member?.node ?? outer
  const path = 'correlation.type'
  if (text === undefined) {
    document.problems.add(where, path, 'RULE_MISSING_FIELD', 'type is missing')
  } else if (Object.hasOwn(others, text)) {
    document.problems.add(where, path, 'RULE_UNANSWERABLE', `type ${text}: ${others[text]}`)
  } else {
    const details = { allowed: correlationTypes, given: text }
    document.problems.add(
      where,
      path,
      'RULE_VALUE',
      `unknown type ${JSON.stringify(text)}`,
      details,
    )
  }
  return undefined
}

function readTimespan(
  document: RuleDocument,
  member: Member | undefined,
  outer: Node | undefined,
): number | undefined {
  const text = textOf(document, member)
  const [, digits, unit] = /^(\d{1,6})([smhdw])$/.exec(text ?? '') ?? []
  const ms =
    digits === undefined ? Number.NaN : Number(digits) * unitsMs[unit as keyof typeof unitsMs]
  if (ms > 0 && ms <= longestMs) return ms
  const message =
    text === undefined
      ? 'timespan is missing'
      : `timespan ${JSON.stringify(text)} is not a number with s, m, h, d or w, at most 30 days`
  const code = text === undefined ? 'RULE_MISSING_FIELD' : 'RULE_VALUE'
  document.problems.add(member?.node ?? outer, 'correlation.timespan', code, message)
  return undefined
}

function readCondition(
  document: RuleDocument,
  member: Member | undefined,
): { least: number | undefined; valueFields: string[] } {
  if (member === undefined || isNull(member.node)) return { least: undefined, valueFields: [] }
  const inner = membersOf(document, member.node, member.path)
  let least: number | undefined
  let valueFields: string[] = []
  for (const [key, each] of inner ?? []) {
    const { problems } = document
    const comparison = comparisons.find((name) => name === key)
    if (key === 'field') valueFields = textsOf(document, each)
    else if (comparison !== undefined) {
      const number = Number(textOf(document, each) ?? Number.NaN)
      const wanted = comparison === 'gt' ? number + 1 : number
      if (Number.isInteger(number) && wanted >= 1 && wanted <= countMax) {
        least = Math.max(least ?? 0, wanted)
      } else {
        const message = `${key} needs a number up to ${countMax} that an event can reach`
        problems.add(each.node, each.path, 'RULE_VALUE', message)
      }
    } else if (ofWholeWindows.has(key)) {
      const message = `${key} could only be decided when nothing more happens in the window: use gte`
      problems.add(each.keyNode, each.path, 'RULE_UNANSWERABLE', message)
    } else {
      const details = { allowed: [...comparisons, 'field'], given: key }
      const message = `unknown comparison ${JSON.stringify(key)}`
      problems.add(each.keyNode, each.path, 'RULE_VALUE', message, details)
    }
  }
  return { least, valueFields }
}

function readAliases(
  document: RuleDocument,
  member: Member | undefined,
): Map<string, Map<string, string>> {
  const aliases = new Map<string, Map<string, string>>()
  if (member === undefined || isNull(member.node)) return aliases
  for (const [alias, each] of membersOf(document, member.node, member.path) ?? []) {
    const fields = new Map<string, string>()
    for (const [rule, field] of membersOf(document, each.node, each.path) ?? []) {
      const text = textOf(document, field)
      if (text !== undefined) fields.set(rule.toLowerCase(), text)
    }
    aliases.set(alias, fields)
  }
  return aliases
}
