import type { ArgumentTypeName } from '../model/index.ts'
import type { ArgumentOperator } from '../schema/operators.ts'
import { argumentOperators } from '../schema/operators.ts'
import { type ArgumentKind, argumentTypeFacts } from './argument-facts.ts'

const equality = ['Equal', 'NotEqual'] as const
const order = ['GT', 'GreaterThan', 'LT', 'LessThan', 'InRange', 'NotInRange'] as const
const sets = ['InMap', 'NotInMap'] as const
const text = [
  ...equality,
  ...(['Prefix', 'NotPrefix', 'Postfix', 'NotPostfix', 'SubString', 'SubStringIgnCase'] as const),
] as const
const source = ['SAddr', 'NotSAddr', 'SPort', 'NotSPort', 'SPortPriv', 'NotSportPriv'] as const
const destination = [
  ...(['DAddr', 'NotDAddr', 'DPort', 'NotDPort', 'DPortPriv', 'NotDPortPriv'] as const),
] as const

/** Which operators each kind of argument takes. CelExpr names its arguments itself. */
export const operatorsByKind: Readonly<Record<ArgumentKind, readonly ArgumentOperator[]>> = {
  integer: [...equality, ...order, ...sets, 'Mask'],
  string: text,
  file: [...text, 'FileType', 'NotFileType'],
  socket: [...source, ...destination, 'Protocol', 'Family', 'State'],
  address: [...source, 'Family'],
  'unix-address': [...text, 'Family'],
  capabilities: [...equality, 'Mask', 'CapabilitiesGained'],
  syscall: [...equality, ...sets],
  unknown: argumentOperators.filter((name) => name !== 'CelExpr'),
  other: [],
}

/** Whether arguments of this type can be tested with the operator. */
export function allowsOperator(type: ArgumentTypeName, operator: ArgumentOperator): boolean {
  return operatorsByKind[argumentTypeFacts[type].kind].includes(operator)
}

/** How many values an operator takes. */
export function valueCount(operator: ArgumentOperator): 'some' | 'one' | 'none' {
  if (/Priv$/.test(operator) || operator === 'CapabilitiesGained') return 'none'
  return /^(?:GT|GreaterThan|LT|LessThan|CelExpr)$/.test(operator) ? 'one' : 'some'
}

/** Whether the operator asks that none of the values fit. */
export function isNegated(operator: ArgumentOperator): boolean {
  return operator.startsWith('Not')
}
