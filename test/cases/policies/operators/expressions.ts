import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { CelExpression } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { PolicyCase } from '../policy-case.ts'
import {
  type IntegerForm,
  integerAt,
  type OperatorModel,
  operand,
  type Trial,
  word,
  words,
  wrap,
} from './operator-model.ts'

/** A case on an expression over the arguments of sys_lseek: descriptor, offset, whence. */
function expression(name: string, text: string, hit: string, miss: string): PolicyCase {
  return {
    name,
    covers: { kind: 'operator', name: 'CelExpr' },
    policy: `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  - index: 1
    type: int64
  - index: 2
    type: uint32
  selectors:
  - matchArgs:
    - operator: CelExpr
      values: ["${text}"]`,
    hit: ['try', 'lseek', ...hit.split(' ')],
    miss: ['try', 'lseek', ...miss.split(' ')],
  }
}

/** The same hook, with an item of data, for matchCEL. */
function matchCel(
  name: string,
  text: string,
  hit: PolicyCase['hit'],
  miss: PolicyCase['miss'],
): PolicyCase {
  return {
    name,
    covers: { kind: 'matcher', name: 'matchCEL' },
    policy: `
kprobes:
- call: sys_lseek
  syscall: true
  data:
  - index: 0
    type: int
    source: current_task
    resolve: pid
  - type: string
    source: current_task
    resolve: comm
  args:
  - index: 2
    type: int
  - index: 0
    type: int
  - index: 1
    type: int64
  selectors:
  - matchCEL:
      expr: '${text}'
    matchBinaries:
    - operator: In
      values: ["{trigger}"]`,
    hit,
    miss,
    everyKernel: true,
  }
}

const lseek = (words: string) => ['try', 'lseek', ...words.split(' ')]

export const matchCelCases: readonly PolicyCase[] = [
  matchCel('positions in the lists', 'arg1 == -7 && arg0 == 2', lseek('-7 0 2'), lseek('2 0 -7')),
  matchCel(
    'an item of data',
    'arg0 == int32(-1) && data0 == arg1 + int32(42)',
    // The pid is that of the shell, which exec keeps.
    'exec {trigger} try lseek $(($$ - 42)) 0 -1',
    'exec {trigger} try lseek $(($$ - 41)) 0 -1',
  ),
  matchCel('a product', 'arg2 * 3 - 1 == 299', lseek('-1 100 0'), lseek('-1 99 0')),
  matchCel('a quotient, truncated', 'arg1 / 4 == -2', lseek('-11 0 0'), lseek('-12 0 0')),
  matchCel('a remainder', 'arg1 % 4 == -3', lseek('-11 0 0'), lseek('11 0 0')),
  matchCel('division by zero is zero', '7 / arg0 == 0', lseek('-1 0 0'), lseek('-1 0 7')),
  matchCel('a shift', 'arg2 >> 33 << 1 == -2', lseek('-1 -5 0'), lseek('-1 -0x2ffffffff 0')),
  matchCel('network order', 'ntoh16(arg2) == 443', lseek('-1 0xbb01 0'), lseek('-1 443 0')),
  matchCel('32 bits in network order', 'ntoh(arg1) == 1', lseek('0x1000000 0 0'), lseek('1 0 0')),
  matchCel(
    'a text or a number',
    'data1.startsWith("trig") && data1.endsWith("ger") && data1 != "x" && arg0 == 5',
    lseek('-1 0 5'),
    lseek('-1 0 6'),
  ),
  matchCel(
    'a part of a text',
    'data1.contains("igge") && arg0 == 5',
    lseek('-1 0 5'),
    lseek('-1 0 6'),
  ),
  matchCel('texts alone', 'data1 == "sh" || arg0 == 5', lseek('-1 0 5'), lseek('-1 0 6')),
]

export const expressionCases: readonly PolicyCase[] = [
  expression('of two arguments', 'arg1 + 3 == 8 && !(arg2 > 1)', '-1 5 1', '-1 5 2'),
  expression('the low 32 bits', 'int32(arg1) == arg0', '-1 0xffffffff 0', '-1 0x1ffff 0'),
  expression('of bits', 'and(arg1, 6) == 4 || arg1 < -100', '-1 -101 0', '-1 -2 0'),
]

type CelInteger = 'int32' | 'uint32' | 'int64' | 'uint64'
const celTypes = ['int32', 'uint32', 'int64', 'uint64'] as const

function formOf(type: CelInteger): IntegerForm {
  return { bits: type.endsWith('32') ? 32 : 64, signed: type.startsWith('int') }
}

function celWrap(type: CelInteger, value: bigint): bigint {
  return wrap(value, formOf(type))
}

/** Arguments 0 and 1 have each type: their position is 2 × the number of the type + 0 or 1. */
function celInteger(type: CelInteger, depth: number): fc.Arbitrary<CelExpression> {
  const leaves: fc.Arbitrary<CelExpression>[] = [
    word.map((value) => ({ kind: 'constant', type, value: celWrap(type, value) })),
    fc
      .integer({ min: 0, max: 1 })
      .map((i) => celTypes.indexOf(type) * 2 + i)
      .map((position) => ({ kind: 'argument', type, list: 'args', position })),
  ]
  if (depth === 0) return fc.oneof(...leaves)
  const inner = celInteger(type, depth - 1)
  const converted = fc
    .constantFrom(...celTypes)
    .chain((from) => celInteger(from, depth - 1))
    .map((operand): CelExpression => ({ kind: 'convert', type, operand }))
  return fc.oneof(
    ...leaves,
    ...(type.endsWith('32') ? [converted] : []),
    fc
      .record({
        bits: fc.constantFrom(16 as const, type.endsWith('32') ? (32 as const) : (64 as const)),
        operand: inner,
      })
      .map((node): CelExpression => ({ kind: 'swap', type, ...node })),
    fc
      .record({ operator: fc.constantFrom('negate' as const, 'bit-not' as const), operand: inner })
      .map((node): CelExpression => ({ kind: 'unary', type, ...node })),
    fc
      .record({
        operator: fc.constantFrom(
          ...(['add', 'subtract', 'bit-and', 'bit-or', 'bit-xor'] as const),
          ...(['multiply', 'divide', 'remainder', 'shift-left', 'shift-right'] as const),
        ),
        left: inner,
        right: inner,
      })
      .map((node): CelExpression => ({ kind: 'binary', type, ...node })),
  )
}

function celBool(depth: number): fc.Arbitrary<CelExpression> {
  const comparison = fc
    .constantFrom(...celTypes)
    .chain((type) =>
      fc
        .record({
          operator: fc.constantFrom(...(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const)),
          left: celInteger(type, depth),
          right: celInteger(type, depth),
        })
        .map((node): CelExpression => ({ kind: 'binary', type: 'bool', ...node })),
    )
  if (depth === 0) return comparison
  const inner = celBool(depth - 1)
  return fc.oneof(
    comparison,
    inner.map(
      (operand): CelExpression => ({ kind: 'unary', type: 'bool', operator: 'not', operand }),
    ),
    fc
      .record({
        operator: fc.constantFrom(...(['and', 'or', 'eq', 'ne'] as const)),
        left: inner,
        right: inner,
      })
      .map((node): CelExpression => ({ kind: 'binary', type: 'bool', ...node })),
  )
}

function evaluate(expression: CelExpression, args: readonly bigint[]): bigint {
  const { type } = expression
  const inType = (value: bigint): bigint => (type === 'bool' ? value : celWrap(type, value))
  switch (expression.kind) {
    case 'constant':
      return expression.value
    case 'argument':
      return inType(args[expression.position % 2])
    case 'convert':
      return inType(evaluate(expression.operand, args))
    case 'unary': {
      const value = evaluate(expression.operand, args)
      if (expression.operator === 'not') return value === 0n ? 1n : 0n
      return inType(expression.operator === 'negate' ? -value : ~value)
    }
    case 'swap': {
      const bytes = new DataView(new ArrayBuffer(8))
      bytes.setBigUint64(0, BigInt.asUintN(64, evaluate(expression.operand, args)))
      const { bits } = expression
      if (bits === 64) return inType(bytes.getBigUint64(0, true))
      return inType(BigInt(bits === 32 ? bytes.getUint32(4, true) : bytes.getUint16(6, true)))
    }
    case 'text':
      throw new Error('the model has no texts')
    case 'binary': {
      const count =
        evaluate(expression.right, args) & (expression.left.type.endsWith('32') ? 31n : 63n)
      const [a, b] = [evaluate(expression.left, args), evaluate(expression.right, args)]
      const results = {
        add: a + b,
        subtract: a - b,
        multiply: a * b,
        divide: b === 0n ? 0n : a / b,
        remainder: b === 0n ? a : a % b,
        'shift-left': a << count,
        'shift-right': a >> count,
        'bit-and': a & b,
        'bit-or': a | b,
        'bit-xor': a ^ b,
        and: a & b,
        or: a | b,
        eq: a === b,
        ne: a !== b,
        lt: a < b,
        le: a <= b,
        gt: a > b,
        ge: a >= b,
      }
      return inType(BigInt(results[expression.operator]))
    }
  }
}

const samples = fc.record({
  expression: celBool(3),
  pairs: fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }),
})

const expressions: OperatorModel = {
  subject: { name: 'the arguments of expressions', runs: 100 },
  trials: samples.map(
    ({ expression, pairs }): Trial => ({
      test: { operator: 'cel', expression },
      operands: (input: Bytes) =>
        celTypes.flatMap((type, t) =>
          [0, 1].map((i) => {
            const integer = integerAt(input, i * 8, formOf(type))
            return operand({ integer }, undefined, t * 2 + i)
          }),
        ),
      inputs: pairs.map((pair) => words(...pair)),
      expected: pairs.map((pair) => evaluate(expression, pair) !== 0n),
    }),
  ),
}

export const expressionModels = { cel: expressions }
