import type { ImageCondition, ImageTest, ImageText, Logic } from '@tetragon-ts/policy'
import type { LinkedRule } from '../link/link-rules.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Expression, WrittenAt } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import { fold, isAscii } from '../text/fold.ts'
import { imageAnchor } from './image-anchor.ts'
import { type Refusal, Refusals } from './refusal.ts'

/** A condition that the kernel decides when a program is executed, or why it cannot. */
export type KillCondition =
  | { readonly condition: Logic<ImageTest> }
  | { readonly refusals: readonly Refusal[] }

/**
 * Translates a rule and its filters to a condition on the program and its parent. It has the same
 * meaning: the kernel must not kill what the rule does not find.
 */
export function killCondition({ rule, filters }: LinkedRule): KillCondition {
  const refusals = new Refusals()
  if (rule.logSource !== 'process_creation') {
    const reason = `kill is decided when a program starts, and ${rule.logSource} comes later`
    return { refusals: [{ reason, at: rule.action }] }
  }
  const of = [rule.condition, ...filters.map(({ condition }) => condition)]
  const condition = imageLogic({ kind: 'and', of }, refusals)
  return refusals.all.length > 0 ? { refusals: refusals.all } : { condition }
}

/** Translates a condition on processes. */
export function imageLogic(expression: Expression, refusals: Refusals): Logic<ImageTest> {
  const role = roleOf(expression)
  if (role !== undefined && (role === 'process' || !hasNot(expression))) {
    return { kind: 'image', of: role, condition: imageCondition(expression, refusals) }
  }
  switch (expression.kind) {
    case 'test':
      // Refused.
      return { kind: 'image', of: 'process', condition: imageCondition(expression, refusals) }
    case 'not':
      return { kind: 'not', of: imageLogic(expression.of, refusals) }
    default:
      return { kind: expression.kind, of: merged(expression, refusals) }
  }
}

/** Parts about the same program are one test: the program is searched once. */
function merged(
  { kind, of }: Extract<Expression, { kind: 'and' | 'or' }>,
  refusals: Refusals,
): Logic<ImageTest>[] {
  const alike = new Map<string, Expression[]>()
  const others: Expression[] = []
  for (const each of of) {
    const role = roleOf(each)
    if (role === undefined || (role === 'parent' && hasNot(each))) others.push(each)
    else alike.set(role, [...(alike.get(role) ?? []), each])
  }
  return [
    ...[...alike.values()].map((each) => imageLogic({ kind, of: each }, refusals)),
    ...others.map((each) => imageLogic(each, refusals)),
  ]
}

/** The program that all tests are about; undefined: several, or others. */
function roleOf(expression: Expression): 'process' | 'parent' | undefined {
  if (expression.kind === 'test') {
    const { of } = expression.field
    return of === 'process' || of === 'parent' ? of : undefined
  }
  if (expression.kind === 'not') return roleOf(expression.of)
  const roles = new Set(expression.of.map(roleOf))
  const [role] = roles
  return roles.size === 1 ? role : roles.size === 0 ? 'process' : undefined
}

/**
 * Negations of tests of the parent stay outside: of a parent without a program, such as a thread of
 * the kernel, no text is found, and the negation is true.
 */
function hasNot(expression: Expression): boolean {
  if (expression.kind === 'test') return false
  return expression.kind === 'not' || expression.of.some(hasNot)
}

function imageCondition(expression: Expression, refusals: Refusals): ImageCondition {
  switch (expression.kind) {
    case 'test':
      return imageText(expression.field, expression.test, refusals, expression.at)
    case 'not':
      return { kind: 'not', of: imageCondition(expression.of, refusals) }
    default:
      return {
        kind: expression.kind,
        of: expression.of.map((each) => imageCondition(each, refusals)),
      }
  }
}

const fields: Readonly<Record<string, ImageText['field']>> = {
  binary: 'path',
  command_line: 'commandLine',
}

/** Stands for a test that is refused. */
const refused: ImageText = { kind: 'text', field: 'path', text: '', anchor: 'anywhere' }

function imageText(
  field: FieldRef,
  test: Test,
  refusals: Refusals,
  at: WrittenAt | undefined,
): ImageText {
  const refuse = (reason: string): ImageText => {
    refusals.addTest(field, reason, at)
    return refused
  }
  if (field.of === 'ancestors') return refuse('ancestors are known outside of the kernel only')
  const name = field.of === 'event' ? undefined : fields[field.path]
  if (name === undefined) return refuse('the kernel decides on the path and the command line only')
  if (test.kind === 'regexp') return refuse('regular expressions are not evaluated in the kernel')
  if (test.kind !== 'text') return refuse('the kernel only compares texts')
  if (test.cased) return refuse('the kernel compares without regard to case only')
  const found = imageAnchor(test.text)
  if (found === undefined)
    return refuse('wildcards inside of a value are not evaluated in the kernel')
  if (!isAscii(found.text)) return refuse('the kernel compares ASCII only')
  return { kind: 'text', field: name, text: fold(found.text), anchor: found.anchor }
}
