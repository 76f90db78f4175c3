import type { CelExpression, CelList, CelType } from '../cel/conditions/expression.ts'
import { every, negatedIf, some, type Truth } from './truth.ts'

/** Values of an expression's names; undefined if the event lacks them. */
export interface ExpressionValues {
  number(list: CelList, position: number): bigint | undefined
  /** A character for each byte. */
  text(list: CelList, position: number): string | undefined
}

type Binary = Extract<CelExpression, { kind: 'binary' }>

function bitsOf(type: CelType): 32 | 64 {
  return type.endsWith('32') ? 32 : 64
}

function inType(type: CelType, value: bigint): bigint {
  if (type === 'bool') return value
  return type.startsWith('int')
    ? BigInt.asIntN(bitsOf(type), value)
    : BigInt.asUintN(bitsOf(type), value)
}

/** Whether an expression is true, as the kernel's programs evaluate it. */
export function expressionTruth(expression: CelExpression, values: ExpressionValues): Truth {
  switch (expression.kind) {
    case 'text': {
      const text = values.text(expression.list, expression.position)
      return text === undefined ? undefined : compareText(text, expression)
    }
    case 'unary':
      if (expression.operator === 'not') {
        return negatedIf(true, expressionTruth(expression.operand, values))
      }
      break
    case 'binary': {
      const sides = () =>
        [expression.left, expression.right].map((side) => expressionTruth(side, values))
      if (expression.operator === 'and') return every(sides())
      if (expression.operator === 'or') return some(sides())
    }
  }
  const number = numberOf(expression, values)
  return number === undefined ? undefined : number !== 0n
}

function compareText(
  text: string,
  { operator, value }: Extract<CelExpression, { kind: 'text' }>,
): boolean {
  const wanted = String.fromCharCode(...value)
  switch (operator) {
    case 'equal-string':
      return text === wanted
    case 'prefix':
      return text.startsWith(wanted)
    case 'postfix':
      return text.endsWith(wanted)
    case 'substring':
      return text.includes(wanted)
  }
}

function numberOf(expression: CelExpression, values: ExpressionValues): bigint | undefined {
  const { kind, type } = expression
  const of = (operand: CelExpression, compute: (value: bigint) => bigint) => {
    const value = numberOf(operand, values)
    return value === undefined ? undefined : inType(type, compute(value))
  }
  switch (kind) {
    case 'constant':
      return expression.value
    case 'argument': {
      const value = values.number(expression.list, expression.position)
      return value === undefined ? undefined : inType(type, value)
    }
    case 'convert':
      return of(expression.operand, (value) => value)
    case 'swap':
      return of(expression.operand, (value) => reversed(value, expression.bits))
    case 'unary':
      if (expression.operator === 'negate') return of(expression.operand, (value) => -value)
      if (expression.operator === 'bit-not') return of(expression.operand, (value) => ~value)
      return asNumber(expressionTruth(expression, values))
    case 'text':
      return asNumber(expressionTruth(expression, values))
    case 'binary': {
      const { operator } = expression
      if (operator === 'and' || operator === 'or') {
        return asNumber(expressionTruth(expression, values))
      }
      const left = numberOf(expression.left, values)
      const right = numberOf(expression.right, values)
      if (left === undefined || right === undefined) return undefined
      return inType(type, binary(expression, left, right))
    }
  }
}

function asNumber(truth: Truth): bigint | undefined {
  return truth === undefined ? undefined : truth ? 1n : 0n
}

function reversed(value: bigint, bits: 16 | 32 | 64): bigint {
  let result = 0n
  for (let at = 0n; at < bits; at += 8n) result = (result << 8n) | ((value >> at) & 0xffn)
  return result
}

function binary({ operator, left }: Binary, a: bigint, b: bigint): bigint {
  const count = b & BigInt(bitsOf(left.type) - 1)
  switch (operator) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    case 'divide':
      return b === 0n ? 0n : a / b
    case 'remainder':
      return b === 0n ? a : a % b
    case 'shift-left':
      return a << count
    case 'shift-right':
      return a >> count
    case 'bit-and':
      return a & b
    case 'bit-or':
      return a | b
    case 'bit-xor':
      return a ^ b
    case 'eq':
      return a === b ? 1n : 0n
    case 'ne':
      return a === b ? 0n : 1n
    case 'lt':
      return a < b ? 1n : 0n
    case 'le':
      return a <= b ? 1n : 0n
    case 'gt':
      return a > b ? 1n : 0n
    case 'ge':
      return a >= b ? 1n : 0n
    default:
      throw new RangeError(`${operator} is no arithmetic`)
  }
}
