import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Expression } from '../model/expression.ts'
import type { Test } from '../model/test.ts'
import type { Atom } from './atoms.ts'
import type { ComparedFields } from './compared-fields.ts'
import type { BitExpression } from './cover.ts'
import { type Requirement, requirementOf } from './literals.ts'

/** Replaces tests by bits. */
export function lower(
  expression: Expression,
  bitOf: (field: FieldRef, test: Atom['test']) => number,
  compared: ComparedFields[],
): BitExpression {
  switch (expression.kind) {
    case 'test': {
      const { field, test } = expression
      if (test.kind !== 'field') return { kind: 'bit', bit: bitOf(field, test) }
      compared.push({ field, test })
      return { kind: 'compared', index: compared.length - 1 }
    }
    case 'not':
      return { kind: 'not', of: lower(expression.of, bitOf, compared) }
    default:
      return {
        kind: expression.kind,
        of: expression.of.map((each) => lower(each, bitOf, compared)),
      }
  }
}

/** Of all texts, few begin as an expression demands. */
const headCost = 1 / 64

/** How often a test is true, roughly: long literals are rare. */
export function costOfTest(test: Test, requirement: Requirement = requirementOf(test)): number {
  const { literals, head } = requirement
  const cost = head === undefined ? 1 : headCost
  if (literals === undefined) return cost
  return cost * Math.max(...literals.map(({ text }) => 1 / (1 + text.length) ** 2))
}
