import type { CelExpression, CelType } from './expression.ts'
import { type BinarySign, CelError, type Syntax } from './syntax.ts'

type Integer = Exclude<CelType, 'bool'>

/** The type of the argument at a position; undefined if it cannot be used. @throws CelError */
export type ArgumentTyper = (position: number, offset: number) => Integer

const limits: Readonly<Record<Integer, readonly [bigint, bigint]>> = {
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
  uint64: [0n, (1n << 64n) - 1n],
}

type BinaryOperator = Extract<CelExpression, { kind: 'binary' }>['operator']

const operators: Readonly<Record<BinarySign, BinaryOperator>> = {
  '||': 'or',
  '&&': 'and',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '+': 'add',
  '-': 'subtract',
}
const bitwise: Readonly<Record<string, BinaryOperator>> = {
  and: 'bit-and',
  or: 'bit-or',
  xor: 'bit-xor',
}
const functionNames = ['int32', 'uint32', 'and', 'or', 'xor', 'not']

/** The signed number of a literal; undefined for other expressions. */
function literal(syntax: Syntax): { value: bigint; unsigned: boolean } | undefined {
  if (syntax.kind === 'number') return syntax
  if (syntax.kind !== 'unary' || syntax.sign !== '-' || syntax.operand.kind !== 'number') {
    return undefined
  }
  return { value: -syntax.operand.value, unsigned: syntax.operand.unsigned }
}

function constant(
  value: bigint,
  unsigned: boolean,
  wanted: Integer | undefined,
  offset: number,
): CelExpression {
  const type = unsigned ? 'uint64' : (wanted ?? 'int64')
  const [min, max] = limits[type]
  if (value < min || value > max) throw new CelError(offset, `${value} does not fit in ${type}`)
  return { kind: 'constant', type, value }
}

class Checker {
  readonly #argumentType: ArgumentTyper

  constructor(argumentType: ArgumentTyper) {
    this.#argumentType = argumentType
  }

  /** `wanted` is the type that literal numbers get. */
  check(syntax: Syntax, wanted?: Integer): CelExpression {
    const number = literal(syntax)
    if (number !== undefined) return constant(number.value, number.unsigned, wanted, syntax.offset)
    switch (syntax.kind) {
      case 'number':
        return constant(syntax.value, syntax.unsigned, wanted, syntax.offset)
      case 'boolean':
        return { kind: 'constant', type: 'bool', value: syntax.value ? 1n : 0n }
      case 'name':
        return this.#argument(syntax.name, syntax.offset)
      case 'call':
        return this.#call(syntax.name, syntax.operands, syntax.offset, wanted)
      case 'unary':
        return this.#unary(syntax.sign, syntax.operand, syntax.offset, wanted)
      case 'binary':
        return this.#binary(syntax, wanted)
    }
  }

  #argument(name: string, offset: number): CelExpression {
    const match = /^arg(\d{1,4})$/.exec(name)
    if (match === null) {
      throw new CelError(offset, `unknown name ${name}: arguments are arg0, arg1 …`)
    }
    const position = Number(match[1])
    return { kind: 'argument', type: this.#argumentType(position, offset), position }
  }

  #integer(syntax: Syntax, what: string, wanted?: Integer): CelExpression {
    const operand = this.check(syntax, wanted)
    if (operand.type !== 'bool') return operand
    throw new CelError(syntax.offset, `${what} takes numbers, not bool`)
  }

  /** Both operands in one type; a literal number gets that of the other side. */
  #pair(left: Syntax, right: Syntax, offset: number, what: string, wanted?: Integer) {
    let first: CelExpression
    let second: CelExpression
    const asWanted = (other: CelExpression): Integer | undefined =>
      other.type === 'bool' ? undefined : other.type
    if (isPlain(left) && !isPlain(right)) {
      second = this.check(right, wanted)
      first = this.check(left, asWanted(second))
    } else {
      first = this.check(left, wanted)
      second = this.check(right, asWanted(first))
    }
    if (first.type !== second.type) {
      const types = `${first.type} and ${second.type}`
      throw new CelError(offset, `${what} takes operands of one type, not ${types}`)
    }
    return [first, second] as const
  }

  #binary(syntax: Extract<Syntax, { kind: 'binary' }>, wanted?: Integer): CelExpression {
    const { sign, left, right, offset } = syntax
    const operator = operators[sign]
    if (operator === 'and' || operator === 'or') {
      const operands = [this.check(left), this.check(right)]
      const wrong = operands.find((operand) => operand.type !== 'bool')
      if (wrong !== undefined) {
        throw new CelError(offset, `${sign} takes bool operands, not ${wrong.type}`)
      }
      return { kind: 'binary', type: 'bool', operator, left: operands[0], right: operands[1] }
    }
    const arithmetic = operator === 'add' || operator === 'subtract'
    const [first, second] = this.#pair(left, right, offset, sign, arithmetic ? wanted : undefined)
    const equality = operator === 'eq' || operator === 'ne'
    if (first.type === 'bool' && !equality) {
      throw new CelError(offset, `${sign} takes numbers, not bool`)
    }
    return {
      kind: 'binary',
      type: arithmetic ? first.type : 'bool',
      operator,
      left: first,
      right: second,
    }
  }

  #unary(sign: '-' | '!', operand: Syntax, offset: number, wanted?: Integer): CelExpression {
    if (sign === '-') {
      const inner = this.#integer(operand, sign, wanted)
      return { kind: 'unary', type: inner.type, operator: 'negate', operand: inner }
    }
    const inner = this.check(operand)
    if (inner.type === 'bool') {
      return { kind: 'unary', type: 'bool', operator: 'not', operand: inner }
    }
    throw new CelError(offset, `! takes a bool operand, not ${inner.type}`)
  }

  #call(name: string, operands: Syntax[], offset: number, wanted?: Integer): CelExpression {
    if (!functionNames.includes(name)) {
      const known = functionNames.map((each) => `${each}()`).join(', ')
      throw new CelError(offset, `unknown function ${name}: use one of ${known}`)
    }
    const isPair = Object.hasOwn(bitwise, name)
    if (operands.length !== (isPair ? 2 : 1)) {
      const count = isPair ? 'two operands' : 'one operand'
      throw new CelError(offset, `${name}() takes ${count}, not ${operands.length}`)
    }
    if (isPair) {
      const [left, right] = this.#pair(operands[0], operands[1], offset, `${name}()`, wanted)
      if (left.type === 'bool') throw new CelError(offset, `${name}() takes numbers, not bool`)
      return { kind: 'binary', type: left.type, operator: bitwise[name], left, right }
    }
    if (name === 'not') {
      const operand = this.#integer(operands[0], 'not()', wanted)
      return { kind: 'unary', type: operand.type, operator: 'bit-not', operand }
    }
    return this.#convert(name as 'int32' | 'uint32', operands[0])
  }

  /** Constants are converted at compile time. */
  #convert(type: 'int32' | 'uint32', syntax: Syntax): CelExpression {
    const operand = this.#integer(syntax, `${type}()`)
    if (operand.kind !== 'constant') return { kind: 'convert', type, operand }
    const { value } = operand
    const low = type === 'int32' ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value)
    return { kind: 'constant', type, value: low }
  }
}

/** Literal numbers, and expressions of only literals, have no type of their own. */
function isPlain(syntax: Syntax): boolean {
  switch (syntax.kind) {
    case 'number':
      return !syntax.unsigned
    case 'unary':
      return syntax.sign === '-' && isPlain(syntax.operand)
    case 'binary':
      return '+-'.includes(syntax.sign) && isPlain(syntax.left) && isPlain(syntax.right)
    case 'call':
      return syntax.name === 'not' || Object.hasOwn(bitwise, syntax.name)
        ? syntax.operands.every(isPlain)
        : false
    default:
      return false
  }
}

/** Infers the types of an expression, whose result must be a bool. @throws CelError */
export function checkTypes(syntax: Syntax, argumentType: ArgumentTyper): CelExpression {
  const checked = new Checker(argumentType).check(syntax)
  if (checked.type === 'bool') return checked
  throw new CelError(syntax.offset, `the result must be bool, not ${checked.type}`)
}
