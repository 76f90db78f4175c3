import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import type { CelExpression, CelList, CelType } from '@tetragon-ts/policy'
import type { Text } from '../arguments/argument-type.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { numberOf } from './integer.ts'
import type { Operand, Operator } from './operator.ts'
import { substringOperators } from './substring.ts'
import { matchesText } from './text.ts'

type Integer = Exclude<CelType, 'bool'>
type Binary = Extract<CelExpression, { readonly kind: 'binary' }>

const signedTypes: readonly CelType[] = ['int32', 'int64']

/** Integers as 64-bit numbers: 32-bit ones are sign-extended or zero-extended. */
class Expression {
  readonly #k: Code
  readonly #context: HookContext
  readonly #operands: readonly Operand[]

  constructor(context: HookContext, operands: readonly Operand[]) {
    this.#k = context.k
    this.#context = context
    this.#operands = operands
  }

  condition(expression: CelExpression): Condition {
    switch (expression.kind) {
      case 'constant':
        return this.#k.constant(expression.value).ne(0)
      case 'unary':
        return this.condition(expression.operand).not()
      case 'binary':
        return this.#binaryCondition(expression)
      case 'text':
        return this.#text(expression)
      default:
        return this.integer(expression).ne(0)
    }
  }

  integer(expression: CelExpression): Int {
    const k = this.#k
    if (expression.type === 'bool') return k.select(this.condition(expression), 1, 0)
    switch (expression.kind) {
      case 'constant':
        return k.constant(expression.value)
      case 'argument':
        return inType(numberOf(this.#operand(expression)).value, expression.type)
      case 'convert':
        return inType(this.integer(expression.operand), expression.type)
      case 'swap':
        return inType(this.integer(expression.operand).swapBytes(expression.bits), expression.type)
      case 'unary': {
        const operand = this.integer(expression.operand)
        const result =
          expression.operator === 'negate' ? k.constant(0).sub(operand) : operand.xor(-1)
        return inType(result, expression.type)
      }
      case 'binary':
        return inType(this.#arithmetic(expression), expression.type)
    }
  }

  #operand({ list, position }: { list: CelList; position: number }): Operand {
    const found = this.#operands.find((each) => each.list === list && each.position === position)
    if (!found) throw new RangeError(`item ${position} of ${list} was not read`)
    return found
  }

  #text(expression: Extract<CelExpression, { readonly kind: 'text' }>): Condition {
    const { operator, value } = expression
    const operand = this.#operand(expression)
    if (operator === 'substring') {
      const test = { operator, strings: [value] }
      return substringOperators.substring.condition([operand], test, this.#context)
    }
    return matchesText(this.#context, operand.text as Text, operator, [value])
  }

  #arithmetic({ operator, left, right, type }: Binary): Int {
    const a = this.integer(left)
    const b = this.integer(right)
    const signed = signedTypes.includes(type)
    const count = () => b.and(type.endsWith('32') ? 31 : 63)
    switch (operator) {
      case 'add':
        return a.add(b)
      case 'subtract':
        return a.sub(b)
      case 'multiply':
        return a.mul(b)
      case 'divide':
        if (!signed) return a.div(b)
        return withSign(magnitude(a).div(magnitude(b)), sign(a).xor(sign(b)))
      case 'remainder':
        return signed ? withSign(magnitude(a).mod(magnitude(b)), sign(a)) : a.mod(b)
      case 'shift-left':
        return a.shiftLeft(count())
      case 'shift-right':
        return signed ? a.shiftRightSigned(count()) : a.shiftRight(count())
      case 'bit-and':
        return a.and(b)
      case 'bit-or':
        return a.or(b)
      default:
        return a.xor(b)
    }
  }

  #binaryCondition(expression: Binary): Condition {
    const { operator, left, right } = expression
    if (operator === 'and') return this.condition(left).and(() => this.condition(right))
    if (operator === 'or') return this.condition(left).or(() => this.condition(right))
    const a = this.integer(left)
    const b = this.integer(right)
    const signed = signedTypes.includes(left.type)
    switch (operator) {
      case 'eq':
        return a.eq(b)
      case 'ne':
        return a.ne(b)
      case 'lt':
        return signed ? a.signedLt(b) : a.lt(b)
      case 'le':
        return signed ? a.signedLe(b) : a.le(b)
      case 'gt':
        return signed ? a.signedGt(b) : a.gt(b)
      default:
        return signed ? a.signedGe(b) : a.ge(b)
    }
  }
}

/** -1 for negative numbers, else 0. BPF divides signed numbers since Linux 6.6 only. */
function sign(value: Int): Int {
  return value.shiftRightSigned(63)
}

function magnitude(value: Int): Int {
  return withSign(value, sign(value))
}

/** The number if the sign is 0, its opposite if it is -1. */
function withSign(value: Int, signed: Int): Int {
  return value.xor(signed).sub(signed)
}

function inType(value: Int, type: Integer): Int {
  if (type === 'int32') return value.signed(32)
  return type === 'uint32' ? value.low32() : value
}

const celOperator: Operator<'cel'> = {
  needs: ({ expression }, operand) => (readsText(expression, operand) ? 'text' : 'number'),
  condition: (operands, { expression }, context) =>
    new Expression(context, operands).condition(expression),
}

/** Whether an expression compares an operand as a text. */
function readsText(
  expression: CelExpression,
  operand: Pick<Operand, 'list' | 'position'>,
): boolean {
  switch (expression.kind) {
    case 'text':
      return expression.list === operand.list && expression.position === operand.position
    case 'binary':
      return [expression.left, expression.right].some((side) => readsText(side, operand))
    case 'unary':
    case 'convert':
    case 'swap':
      return readsText(expression.operand, operand)
    default:
      return false
  }
}

export const celOperators = { cel: celOperator }
