import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import type { CelExpression, CelType } from '@tetragon-ts/policy'
import { numberOf } from './integer.ts'
import type { Operand, Operator } from './operator.ts'

type Integer = Exclude<CelType, 'bool'>
type Binary = Extract<CelExpression, { readonly kind: 'binary' }>

const signedTypes: readonly CelType[] = ['int32', 'int64']

/** Integers as 64-bit numbers: 32-bit ones are sign-extended or zero-extended. */
class Expression {
  readonly #k: Code
  readonly #operands: ReadonlyMap<number, Operand>

  constructor(k: Code, operands: ReadonlyMap<number, Operand>) {
    this.#k = k
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
        return this.#argument(expression.position, expression.type)
      case 'convert':
        return inType(this.integer(expression.operand), expression.type)
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

  /** The type in the expression follows from that of the argument, which may be narrower. */
  #argument(position: number, type: Integer): Int {
    return inType(numberOf(this.#operands.get(position) as Operand).value, type)
  }

  #arithmetic({ operator, left, right }: Binary): Int {
    const a = this.integer(left)
    const b = this.integer(right)
    switch (operator) {
      case 'add':
        return a.add(b)
      case 'subtract':
        return a.sub(b)
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

function inType(value: Int, type: Integer): Int {
  if (type === 'int32') return value.signed(32)
  return type === 'uint32' ? value.low32() : value
}

const celOperator: Operator<'cel'> = {
  needs: () => 'number',
  condition(operands, { expression }, { k }) {
    const byPosition = new Map(operands.map((operand) => [operand.position, operand]))
    return new Expression(k, byPosition).condition(expression)
  },
}

export const celOperators = { cel: celOperator }
