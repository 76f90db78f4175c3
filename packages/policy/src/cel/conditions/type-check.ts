import type {
  CelBinaryOperator,
  CelExpression,
  CelList,
  CelTextOperator,
  CelType,
} from './expression.ts'
import { type BinarySign, CelError, type Syntax } from './syntax.ts'

type Integer = Exclude<CelType, 'bool'>

/** A name's position in its list. */
export interface CelPosition {
  readonly list: CelList
  readonly position: number
}

/** Members of a name's value. */
export interface CelMembers extends CelPosition {
  /** The name with the members, as it is written: `arg0.f_inode.i_ino`. */
  readonly text: string
  readonly steps: readonly (string | number)[]
  /** The positions of the name and of each step in the expression. */
  readonly offsets: readonly number[]
}

/** What the names of an expression refer to: `arg0`, `data0`. */
export interface CelNames {
  readonly arg: CelList
  readonly data?: CelList
  /** Where the value of a member is. @throws CelError if the argument has no members */
  member?(members: CelMembers): CelPosition
}

/** Members have a type once the types of the kernel are known: until then any that fits. */
export type NameType = Integer | 'text' | 'unknown'

/** The type of a name's value. @throws CelError if it cannot be used */
export type ArgumentTyper = (name: CelPosition, offset: number) => NameType

const limits: Readonly<Record<Integer, readonly [bigint, bigint]>> = {
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
  uint64: [0n, (1n << 64n) - 1n],
}

const operators: Readonly<Record<BinarySign, CelBinaryOperator>> = {
  '||': 'or',
  '&&': 'and',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '<<': 'shift-left',
  '>>': 'shift-right',
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'remainder',
}
const arithmeticSigns: readonly BinarySign[] = ['<<', '>>', '+', '-', '*', '/', '%']
const bitwise: Readonly<Record<string, CelBinaryOperator>> = {
  and: 'bit-and',
  or: 'bit-or',
  xor: 'bit-xor',
}
const functionNames = ['int32', 'uint32', 'and', 'or', 'xor', 'not', 'ntoh', 'ntoh16']

/** Functions of texts: `arg0.startsWith("a")`. */
const methods: Readonly<Record<string, CelTextOperator>> = {
  startsWith: 'prefix',
  endsWith: 'postfix',
  contains: 'substring',
}
const encoder = new TextEncoder()

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
  readonly #names: CelNames
  readonly #argumentType: ArgumentTyper

  constructor(names: CelNames, argumentType: ArgumentTyper) {
    this.#names = names
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
      case 'text':
        throw new CelError(syntax.offset, 'a text can only be compared with that of an argument')
      case 'name':
      case 'member':
        return this.#argument(syntax, wanted)
      case 'method':
        return this.#method(syntax)
      case 'call':
        return this.#call(syntax.name, syntax.operands, syntax.offset, wanted)
      case 'unary':
        return this.#unary(syntax.sign, syntax.operand, syntax.offset, wanted)
      case 'binary':
        return this.#binary(syntax, wanted)
    }
  }

  #argument(syntax: Name, wanted?: Integer): CelExpression {
    const named = this.#named(syntax)
    const type = this.#argumentType(named, offsetOf(syntax))
    if (type !== 'text') {
      return { kind: 'argument', type: type === 'unknown' ? (wanted ?? 'int64') : type, ...named }
    }
    const known = Object.keys(methods).map((each) => `.${each}()`)
    const message = `${textOf(syntax)} is a text: use == or != with a text, ${known.join(', ')}`
    throw new CelError(offsetOf(syntax), message)
  }

  #named(syntax: Name): CelPosition {
    if (syntax.kind === 'member') return this.#member(syntax)
    const { name, offset } = syntax
    const match = /^(arg|data)(\d{1,4})$/.exec(name)
    const list = match === null ? undefined : this.#names[match[1] as 'arg' | 'data']
    if (match === null || list === undefined) {
      const data = this.#names.data === undefined ? '' : ', items of data are data0, data1 …'
      throw new CelError(offset, `unknown name ${name}: arguments are arg0, arg1 …${data}`)
    }
    return { list, position: Number(match[2]) }
  }

  #member(syntax: Member): CelPosition {
    const steps: (string | number)[] = []
    const offsets: number[] = []
    let whole: Syntax = syntax
    for (; whole.kind === 'member'; whole = whole.subject) {
      steps.unshift(whole.step)
      offsets.unshift(whole.offset)
    }
    if (whole.kind !== 'name') throw new CelError(offsets[0], 'only arguments have members')
    const named = this.#named(whole)
    if (!this.#names.member) throw new CelError(offsets[0], 'members require matchCEL')
    offsets.unshift(whole.offset)
    return this.#names.member({ ...named, text: textOf(syntax), steps, offsets })
  }

  /**
   * The name of a text; undefined for anything else.
   * @param isWanted whether what it is used for requires a text
   */
  #textName(syntax: Syntax, isWanted: boolean): CelPosition | undefined {
    if (!isName(syntax)) return undefined
    const named = this.#named(syntax)
    const type = this.#argumentType(named, offsetOf(syntax))
    return type === 'text' || (type === 'unknown' && isWanted) ? named : undefined
  }

  /** Literal numbers and members without a type get that of the other side. */
  #isPlain(syntax: Syntax): boolean {
    switch (syntax.kind) {
      case 'number':
        return !syntax.unsigned
      case 'member':
        return this.#argumentType(this.#named(syntax), offsetOf(syntax)) === 'unknown'
      case 'unary':
        return syntax.sign === '-' && this.#isPlain(syntax.operand)
      case 'binary':
        return (
          arithmeticSigns.includes(syntax.sign) &&
          this.#isPlain(syntax.left) &&
          this.#isPlain(syntax.right)
        )
      case 'call':
        return ['not', 'ntoh', 'ntoh16'].includes(syntax.name) ||
          Object.hasOwn(bitwise, syntax.name)
          ? syntax.operands.every((operand) => this.#isPlain(operand))
          : false
      default:
        return false
    }
  }

  #method({ subject, name, operands, offset }: Extract<Syntax, { kind: 'method' }>): CelExpression {
    if (!Object.hasOwn(methods, name)) {
      const known = Object.keys(methods).map((each) => `${each}()`)
      throw new CelError(offset, `unknown function ${name}: use one of ${known.join(', ')}`)
    }
    const named = this.#textName(subject, true)
    if (named === undefined) {
      throw new CelError(subject.offset, `${name}() is a function of arguments that are texts`)
    }
    const [literal] = operands
    if (operands.length !== 1 || literal.kind !== 'text') {
      throw new CelError(offset, `${name}() takes one text in quotes`)
    }
    if (literal.value === '') {
      throw new CelError(literal.offset, 'an empty text would match everything')
    }
    const value = encoder.encode(literal.value)
    return { kind: 'text', type: 'bool', operator: methods[name], ...named, value }
  }

  /** A text and a literal, in any order; undefined if neither side is a text. */
  #texts(left: Syntax, right: Syntax, offset: number): CelExpression | undefined {
    const isText = [left, right].map(({ kind }) => kind === 'text')
    const names = [left, right].map((side, i) => this.#textName(side, isText[1 - i]))
    const literals = [left, right].flatMap((side) => (side.kind === 'text' ? [side.value] : []))
    const [named] = names.flatMap((name) => name ?? [])
    if (named === undefined && literals.length === 0) return undefined
    if (named === undefined || literals.length !== 1) {
      throw new CelError(offset, 'a text is compared with one in quotes: arg0 == "a"')
    }
    const value = encoder.encode(literals[0])
    return { kind: 'text', type: 'bool', operator: 'equal-string', ...named, value }
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
    if (this.#isPlain(left) && !this.#isPlain(right)) {
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
    const equality = operator === 'eq' || operator === 'ne'
    const texts = equality ? this.#texts(left, right, offset) : undefined
    if (texts !== undefined) {
      return operator === 'eq'
        ? texts
        : { kind: 'unary', type: 'bool', operator: 'not', operand: texts }
    }
    const arithmetic = arithmeticSigns.includes(sign)
    const [first, second] = this.#pair(left, right, offset, sign, arithmetic ? wanted : undefined)
    checkConstant(operator, second, right.offset)
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
    if (name === 'ntoh' || name === 'ntoh16') {
      const operand = this.#integer(operands[0], `${name}()`, wanted)
      const bits = name === 'ntoh16' ? 16 : bitsOf(operand.type)
      return { kind: 'swap', type: operand.type, bits, operand }
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

function bitsOf(type: CelType): 32 | 64 {
  return type.endsWith('32') ? 32 : 64
}

/** Whether a literal divisor or shift count makes sense. */
function checkConstant(operator: CelBinaryOperator, right: CelExpression, offset: number): void {
  if (right.kind !== 'constant') return
  const { value, type } = right
  if ((operator === 'divide' || operator === 'remainder') && value === 0n) {
    throw new CelError(offset, 'division by zero')
  }
  const isShift = operator === 'shift-left' || operator === 'shift-right'
  const max = bitsOf(type) - 1
  if (isShift && (value < 0n || value > max)) {
    throw new CelError(offset, `${type} is shifted by 0 to ${max} bits, not ${value}`)
  }
}

type Member = Extract<Syntax, { kind: 'member' }>
type Name = Extract<Syntax, { kind: 'name' }> | Member

function isName(syntax: Syntax): syntax is Name {
  return syntax.kind === 'name' || syntax.kind === 'member'
}

/** Where a name with its members begins. */
function offsetOf(syntax: Syntax): number {
  return syntax.kind === 'member' ? offsetOf(syntax.subject) : syntax.offset
}

function textOf(syntax: Syntax): string {
  if (syntax.kind === 'name') return syntax.name
  if (syntax.kind !== 'member') return ''
  const { step } = syntax
  return `${textOf(syntax.subject)}${typeof step === 'number' ? `[${step}]` : `.${step}`}`
}

/** Infers the types of an expression, whose result must be a bool. @throws CelError */
export function checkTypes(
  syntax: Syntax,
  names: CelNames,
  argumentType: ArgumentTyper,
): CelExpression {
  const checked = new Checker(names, argumentType).check(syntax)
  if (checked.type === 'bool') return checked
  throw new CelError(syntax.offset, `the result must be bool, not ${checked.type}`)
}
