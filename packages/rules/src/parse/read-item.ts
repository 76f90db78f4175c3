import { RegExpError } from '@tetragon-ts/policy/regexp'
import { isMap, isSeq } from '@tetragon-ts/policy/yaml'
import type { FieldRef } from '../log-sources/field-ref.ts'
import { type Expression, join } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { finished, openEnds } from '../modifiers/affix.ts'
import { findModifier, modifierNames } from '../modifiers/index.ts'
import {
  type Draft,
  type Item,
  type Modifier,
  type ModifierContext,
  ModifierError,
} from '../modifiers/modifier.ts'
import { readWildcards } from '../text/wildcard.ts'
import {
  isNull,
  itemsOf,
  longestValue,
  type Member,
  type RuleDocument,
  scalarText,
} from './document.ts'

/** Fields of the log source, as items name them. */
export interface FieldFinder {
  /** The field; undefined after a problem was reported at the member. */
  find(written: string, member: Member): FieldRef | undefined
  /** Fields that keywords are searched in. */
  readonly keywords: readonly FieldRef[]
  /** Whether the field can have the value; reports it otherwise. */
  isPossible(field: FieldRef, test: Test, member: Member): boolean
}

/** What reading an item needs. */
export interface ItemContext extends ModifierContext {
  readonly document: RuleDocument
  readonly fields: FieldFinder
}

/** Reads `field|modifier: value` of a map; undefined after a problem was reported. */
export function readItem(context: ItemContext, member: Member): Expression | undefined {
  const { document, fields } = context
  const [name, ...written] = member.key.split('|')
  const found = name === '' ? undefined : fields.find(name, member)
  const used = findModifiers(context, member, written)
  if ((name !== '' && found === undefined) || used === undefined) return undefined
  const isRaw = used.some((each) => each.name === 're')
  const values = readValues(document, member, isRaw)
  if (values === undefined) return undefined
  const item: Item = { field: name || undefined, values, all: false, negated: false, applied: [] }
  try {
    for (const modifier of used) {
      modifier.apply(item, context)
      item.applied.push(modifier.name)
    }
    if (found === undefined) openEnds(item, { before: true, after: true }, 'a keyword')
  } catch (error) {
    if (error instanceof RegExpError) {
      document.problems.add(
        member.node ?? member.keyNode,
        member.path,
        'RULE_REGEXP',
        error.message,
      )
    } else if (error instanceof ModifierError) {
      document.problems.add(member.keyNode ?? member.node, member.path, error.code, error.message)
    } else throw error
    return undefined
  }
  const targets = found === undefined ? fields.keywords : [found]
  return expressionOf(context, item, targets, member)
}

function findModifiers(
  { document }: ItemContext,
  member: Member,
  written: readonly string[],
): Modifier[] | undefined {
  const found = written.map((name) => {
    const modifier = findModifier(name)
    if (modifier === undefined) {
      const message = `unknown modifier ${JSON.stringify(name)}`
      const details = { allowed: modifierNames, given: name }
      document.problems.add(member.keyNode, member.path, 'RULE_MODIFIER', message, details)
    }
    return modifier
  })
  return found.every((each) => each !== undefined) ? found : undefined
}

/** Each value as a list of one alternative. */
function readValues(document: RuleDocument, member: Member, isRaw: boolean): Draft[][] | undefined {
  const { problems } = document
  const items = itemsOf(document, member.node, member.path)
  if (items.length === 0) {
    problems.add(
      member.keyNode,
      member.path,
      'RULE_VALUE',
      'the list is empty: write null for a missing field',
    )
    return undefined
  }
  const values: Draft[][] = []
  for (const { node, path } of items) {
    const text = scalarText(node)
    if (text !== undefined && text.length > longestValue) {
      problems.add(node, path, 'RULE_LIMIT', `the value is longer than ${longestValue} characters`)
    } else if (text !== undefined) {
      const parts = isRaw ? (text === '' ? [] : [text]) : readWildcards(text)
      values.push([{ kind: 'text', text: parts, cased: false }])
    } else if (isNull(node) && !isSeq(member.node)) values.push([{ kind: 'null' }])
    else {
      const message = isNull(node)
        ? 'null is not allowed in a list: use an identifier of its own'
        : `expected a value, not ${isMap(node) ? 'fields' : 'a list'}`
      problems.add(node ?? member.keyNode, path, 'RULE_TYPE', message)
    }
  }
  return values.length === items.length ? values : undefined
}

function expressionOf(
  context: ItemContext,
  { values, all, negated }: Item,
  targets: readonly FieldRef[],
  member: Member,
): Expression | undefined {
  const items = itemsOf(context.document, member.node, member.path)
  const { problems } = context.document
  const at = { file: problems.file, ...problems.position(member.keyNode ?? member.node) }
  const of: Expression[] = []
  for (const [index, alternatives] of values.entries()) {
    const tests: Expression[] = []
    for (const draft of alternatives) {
      const test = resolved(context, finished(draft), member)
      if (test === undefined) return undefined
      for (const field of targets) {
        if (context.fields.isPossible(field, test, items[index] ?? member)) {
          tests.push({ kind: 'test', field, test, at })
        }
      }
    }
    of.push(join('or', tests))
  }
  // Alternatives of one list are one flat list.
  const flat = all ? of : of.flatMap((each) => (each.kind === 'or' ? each.of : [each]))
  const whole = join(all ? 'and' : 'or', flat)
  return negated ? { kind: 'not', of: whole } : whole
}

/** Finds the other field of a test. */
function resolved({ fields }: ItemContext, test: Test, member: Member): Test | undefined {
  if (test.kind !== 'field' || typeof test.other !== 'string') return test
  const other = fields.find(test.other, member)
  return other && { ...test, other }
}
