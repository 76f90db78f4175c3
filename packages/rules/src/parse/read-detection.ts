import { isMap, isSeq, type Node } from '@tetragon-ts/policy/yaml'
import type { Identifier } from '../condition/parse-condition.ts'
import { parseCondition } from '../condition/parse-condition.ts'
import { ConditionError } from '../condition/tokens.ts'
import { constantOf, type Expression, join, testsOf } from '../model/expression.ts'
import {
  described,
  isNull,
  itemsOf,
  type Member,
  membersOf,
  reportMissing,
  textOf,
} from './document.ts'
import { type ItemContext, readItem } from './read-item.ts'

/** Maximum number of tests of a detection. */
const testsMax = 100_000

/** Keys of a detection that are not search identifiers. */
const reserved = new Set(['condition', 'timeframe'])

/**
 * Reads a detection, or the identifiers of a filter; undefined after a problem was reported.
 * @param skipped further keys that are not search identifiers
 */
export function readDetection(
  context: ItemContext,
  members: ReadonlyMap<string, Member>,
  path: string,
  skipped: ReadonlySet<string> = new Set(),
): Expression | undefined {
  const { problems } = context.document
  const identifiers = new Map<string, Identifier>()
  let size = 0
  let valid = true
  for (const member of members.values()) {
    if (reserved.has(member.key) || skipped.has(member.key)) continue
    const expression = readIdentifier(context, member)
    if (expression === undefined) {
      valid = false
      // Conditions are checked against all names.
      identifiers.set(member.key, { expression: join('or', []), size: 0 })
      continue
    }
    const count = [...testsOf(expression)].length
    size += count
    if (size > testsMax) {
      problems.add(member.keyNode, member.path, 'RULE_LIMIT', `more than ${testsMax} values`)
      return undefined
    }
    identifiers.set(member.key, { expression, size: count })
  }
  const condition = members.get('condition')
  if (condition === undefined) {
    reportMissing(context.document, members, 'condition', [], path)
    return undefined
  }
  if (isNull(condition.node)) {
    problems.add(condition.keyNode, path, 'RULE_MISSING_FIELD', 'condition is missing')
    return undefined
  }
  const joined = readCondition(context, condition, identifiers)
  if (!valid || joined === undefined) return undefined
  if (constantOf(joined) === false) {
    const message = 'no event can match: it needs values that never occur'
    problems.add(condition.node, condition.path, 'RULE_UNANSWERABLE', message)
    return undefined
  }
  return joined
}

/** The condition, or a list of conditions of which one must be true. */
function readCondition(
  { document }: ItemContext,
  member: Member,
  identifiers: ReadonlyMap<string, Identifier>,
): Expression | undefined {
  const of: Expression[] = []
  const items = itemsOf(document, member.node, member.path)
  for (const item of items) {
    const text = textOf(document, item)
    if (text === undefined) continue
    try {
      of.push(parseCondition(text, identifiers))
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error
      const { message, at, names, code } = error
      const where = `${message}, at character ${at + 1} of the condition`
      document.problems.add(item.node, item.path, code, where, names)
    }
  }
  return of.length === items.length && of.length > 0 ? join('or', of) : undefined
}

function readIdentifier(context: ItemContext, member: Member): Expression | undefined {
  const { document } = context
  const { node, path, keyNode } = member
  if (isMap(node)) return readMap(context, member)
  if (isNull(node) || (isSeq(node) && node.items.length === 0)) {
    const message = `search identifier ${JSON.stringify(member.key)} is empty`
    document.problems.add(node ?? keyNode, path, 'RULE_VALUE', message)
    return undefined
  }
  // A list: maps and keywords, joined by OR.
  const of = itemsOf(document, node, path).map((item) => {
    if (isMap(item.node)) return readMap(context, item)
    if (isSeq(item.node) || isNull(item.node)) {
      const message = `expected fields or a keyword, not ${described(item.node as Node)}`
      document.problems.add(item.node ?? keyNode, item.path, 'RULE_TYPE', message)
      return undefined
    }
    return readItem(context, item)
  })
  return of.every((each) => each !== undefined) ? join('or', of) : undefined
}

/** A map: all of its items must match. */
function readMap(context: ItemContext, { node, path, keyNode }: Member): Expression | undefined {
  const members = membersOf(context.document, node, path)
  if (members === undefined) return undefined
  if (members.size === 0) {
    context.document.problems.add(node ?? keyNode, path, 'RULE_VALUE', 'there are no fields')
    return undefined
  }
  const of = [...members.values()].map((member) => readItem(context, member))
  return of.every((each) => each !== undefined) ? join('and', of) : undefined
}
