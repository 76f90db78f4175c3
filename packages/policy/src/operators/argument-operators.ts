import { inCrdOrder } from '../fields/crd-order.ts'
import {
  type ArgumentKind,
  type ArgumentTypeName,
  argumentKinds,
  argumentTypeFacts,
} from './argument-facts.ts'
import { type ArgumentOperator, operators } from './index.ts'
import type { OperatorDoc } from './operator.ts'

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
