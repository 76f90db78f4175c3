import { inCrdOrder } from '../fields/crd-order.ts'
import {
  type ArgumentKind,
  type ArgumentTypeName,
  argumentKinds,
  argumentTypeFacts,
} from './argument-facts.ts'
import { BadValue } from './bad-value.ts'
import {
  type ArgumentOperator,
  type ArgumentTest,
  operators,
  readers,
  type ValueOperator,
} from './index.ts'
import type { OperatorDoc, Read } from './operator.ts'

/** Operators of matchArgs, matchData and matchReturnArgs, in the order of the CRD. */
export const argumentOperators = inCrdOrder(operators)

const names = Object.keys(operators) as readonly ArgumentOperator[]

/** Spellings that documents may use but that are not in the CRD of the original. */
export const argumentOperatorAliases: Readonly<Record<string, ArgumentOperator>> =
  Object.fromEntries(
    names.flatMap((name) => (operators[name].aliases ?? []).map((alias) => [alias, name])),
  )

function operatorsOf(kind: ArgumentKind): readonly ArgumentOperator[] {
  return names.filter((name) => {
    const { kinds } = operators[name]
    return kinds.includes(kind) || (kind === 'unknown' && kinds.length > 0)
  })
}

/** Operators by kind of argument. CelExpr refers to its arguments itself. */
export const operatorsByKind = Object.fromEntries(
  argumentKinds.map((kind) => [kind, operatorsOf(kind)]),
) as Readonly<Record<ArgumentKind, readonly ArgumentOperator[]>>

/** Whether the operator supports arguments of this type. */
export function allowsOperator(type: ArgumentTypeName, operator: ArgumentOperator): boolean {
  return operatorsByKind[argumentTypeFacts[type].kind].includes(operator)
}

/** Documentation of operators and their values: a row for each description. */
export function operatorRows(): ReadonlyMap<OperatorDoc, readonly ArgumentOperator[]> {
  const rows = new Map<OperatorDoc, ArgumentOperator[]>()
  for (const name of names) {
    const { doc } = operators[name]
    rows.set(doc, [...(rows.get(doc) ?? []), name])
  }
  return rows
}

/**
 * Parses the values of a condition for arguments of a type that supports the operator (NotEqual is
 * read as Equal and so on). `report` is called for each invalid value; then the result is
 * undefined. For type `auto`, numbers and strings are distinguished by form: call it again once the
 * type is known.
 */
export function readArgumentTest(
  operator: ValueOperator,
  type: ArgumentTypeName,
  texts: readonly string[],
  report: (index: number, problem: BadValue) => void,
): ArgumentTest | undefined {
  let failed = false
  const all = <T>(read: Read<T>): T[] => {
    const results: T[] = []
    for (const [index, text] of texts.entries()) {
      const result = read(text)
      if (result instanceof BadValue) {
        failed = true
        report(index, result)
      } else {
        results.push(result)
      }
    }
    return results
  }
  const test = readers[operator].read({ type, texts, all })
  return failed ? undefined : test
}
