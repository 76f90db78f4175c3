import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, CelExpression, Network } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { ArgumentValue, IntegerFacet, SocketFacet } from '../arguments/argument-type.ts'
import type { HookContext } from '../hook-context.ts'
import { testArguments } from './index.ts'
import type { Operand } from './operator.ts'
import { answersOfKernel } from './testing/run-condition.ts'

// Every operator on random values, in the kernel and in a model of a line or two.

const textAt = 64
const textMax = 4096

type Bits = IntegerFacet['bits']

/** Eight bytes of the input as an integer of a type, the way that argument types read them. */
function integerAt(input: Bytes, offset: number, bits: Bits, signed: boolean): IntegerFacet {
  const whole = input.load(8, offset)
  const value =
    bits === 64 ? whole : signed ? whole.signed(bits) : whole.and((1n << BigInt(bits)) - 1n)
  return { value, signed, bits }
}

/** The kernel's answers to a test on each of the inputs. */
function answers(
  given: ArgumentTest,
  operands: (input: Bytes) => readonly Operand[],
  inputs: readonly Uint8Array[],
  loops?: 'written out',
): boolean[] {
  return answersOfKernel(
    (_, input, context) => testArguments(operands(input), given, context as HookContext),
    inputs,
    loops,
  )
}

function operand(value: Partial<ArgumentValue>, text?: Operand['text'], position = 0): Operand {
  return { position, value: { fields: () => ({}), ...value }, text }
}

function numbers(...values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => {
    view.setBigUint64(i * 8, BigInt.asUintN(64, value), true)
  })
  return bytes
}

const types = fc.record({
  bits: fc.constantFrom<Bits>(8, 16, 32, 64),
  signed: fc.boolean(),
})

function wrap(value: bigint, { bits, signed }: { bits: Bits; signed: boolean }): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
}

/** Values near zero, near powers of two, and anything. */
const word: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc
    .record({ bit: fc.integer({ min: 0, max: 63 }), near: fc.bigInt({ min: -2n, max: 2n }) })
    .map(({ bit, near }) => (1n << BigInt(bit)) + near),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
)

test('operators on integers equal their model', () => {
  const tests = fc.record({
    type: types,
    values: fc.array(word, { minLength: 1, maxLength: 24 }),
    inputs: fc.array(word, { minLength: 1, maxLength: 6 }),
    operator: fc.constantFrom('equal', 'greater', 'less', 'mask', 'range', 'in-map'),
  })
  fc.assert(
    fc.property(tests, ({ type, values, inputs, operator }) => {
      const wrapped = values.map((value) => wrap(value, type))
      const sorted = wrapped.map((value, i) => {
        const other = wrapped[(i * 7 + 1) % wrapped.length]
        return value < other ? ([value, other] as const) : ([other, value] as const)
      })
      // Narrow ranges, so that many of them remain apart.
      const ranges = sorted.map(([from, to], i) =>
        i % 2 === 0 && to - from > 4n ? ([from, from + 3n] as const) : ([from, to] as const),
      )
      const mask = BigInt.asUintN(
        type.bits,
        wrapped.reduce((sum, value) => sum | value, 0n),
      )
      const [bound] = wrapped
      const given = {
        equal: { operator: 'equal', values: wrapped },
        greater: { operator: 'greater', value: bound },
        less: { operator: 'less', value: bound },
        mask: { operator: 'mask', mask },
        range: { operator: 'range', ranges },
        'in-map': { operator: 'in-map', ranges, lists: [] },
      }[operator] as ArgumentTest
      const model = (raw: bigint): boolean => {
        const value = wrap(raw, type)
        if (operator === 'equal') return wrapped.includes(value)
        if (operator === 'greater') return value > bound
        if (operator === 'less') return value < bound
        if (operator === 'mask') return (value & mask) !== 0n
        return ranges.some(([from, to]) => value >= from && value <= to)
      }
      const near = [...inputs, ...ranges.flatMap(([from, to]) => [from - 1n, from, to, to + 1n])]
      const expected = near.map(model)
      const seen = answers(
        given,
        (input) => [operand({ integer: integerAt(input, 0, type.bits, type.signed) })],
        near.map((value) => numbers(value)),
      )
      assert.deepEqual(seen, expected)
    }),
    { numRuns: 100 },
  )
})

function texts(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(textAt + textMax)
  // What was there before must not count.
  bytes.fill(0x61, textAt)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, textAt)
  return bytes
}

/** A text as programs have it: behind a place that the verifier does not know exactly. */
function textOperand(input: Bytes): Operand {
  const length = input.load(4, 0).and(textMax - 1)
  return operand({}, { bytes: input.at(textAt), length, max: textMax })
}

/** Texts of few letters and many lengths, so that they often have beginnings and ends in common. */
const letters = fc.constantFrom(0x61, 0x62, 0x41, 0x2f, 0xff)
const shortText = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => bytes.map((b) => [0x61, 0x62, 0x41][b % 3]))
const longText = fc
  .record({
    unit: fc.array(letters, { minLength: 1, maxLength: 3 }),
    length: fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(23, 24, 25, 56, 57, 120, 121, 247, 248, 249, 252, 253, 496, 504, 505),
      fc.integer({ min: 200, max: 4095 }),
    ),
  })
  .map(({ unit, length }) => Uint8Array.from({ length }, (_, i) => unit[i % unit.length]))
const text = fc.oneof(shortText, longText)

type TextOperator = 'equal-string' | 'prefix' | 'postfix' | 'substring' | 'substring-ignore-case'

function textModel(operator: TextOperator, value: Uint8Array, wanted: Uint8Array): boolean {
  const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
  const [a, b] = [latin1(value), latin1(wanted)]
  const lower = (s: string): string => s.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  switch (operator) {
    case 'equal-string':
      return a === b
    case 'prefix':
      return a.startsWith(b)
    case 'postfix':
      return a.endsWith(b)
    case 'substring':
      return a.includes(b)
    case 'substring-ignore-case':
      return lower(a).includes(lower(b))
  }
}

test('operators on texts equal their model', () => {
  const tests = fc.record({
    operator: fc.constantFrom<TextOperator>(
      ...(['equal-string', 'prefix', 'postfix', 'substring', 'substring-ignore-case'] as const),
    ),
    strings: fc.oneof(
      fc.array(shortText, { minLength: 1, maxLength: 30 }),
      fc.array(text, { minLength: 1, maxLength: 30 }),
    ),
    others: fc.array(text, { maxLength: 8 }),
  })
  fc.assert(
    fc.property(tests, ({ operator, strings, others }) => {
      const inputs = [
        ...others,
        new Uint8Array(),
        ...strings.flatMap((string) => [
          string,
          string.subarray(1),
          string.subarray(0, -1),
          Uint8Array.of(0x61, ...string, 0x62).subarray(0, textMax - 1),
          Uint8Array.of(...string, 0x62).subarray(0, textMax - 1),
          Uint8Array.of(0x62, ...string).subarray(-textMax + 1),
        ]),
      ]
      const expected = inputs.map((value) =>
        strings.some((wanted) => textModel(operator, value, wanted)),
      )
      const given: ArgumentTest = { operator, strings }
      for (const loops of [undefined, 'written out'] as const) {
        const seen = answers(given, (input) => [textOperand(input)], inputs.map(texts), loops)
        assert.deepEqual(seen, expected)
      }
    }),
    { numRuns: 60 },
  )
})

test('500 strings of up to 4095 bytes', () => {
  const strings = Array.from({ length: 500 }, (_, i) =>
    new TextEncoder().encode(`/${'directory/'.repeat(i % 3 === 0 ? (i * 409) / 500 : 2)}${i}`),
  )
  for (const operator of ['equal-string', 'prefix', 'postfix', 'substring'] as const) {
    const usable = operator === 'substring' ? strings.filter(({ length }) => length < 100) : strings
    const given: ArgumentTest = { operator, strings: usable }
    const inputs = [usable[0], usable[499 % usable.length], new TextEncoder().encode('/none')]
    for (const loops of [undefined, 'written out'] as const) {
      const seen = answers(given, (input) => [textOperand(input)], inputs.map(texts), loops)
      assert.deepEqual(seen, [true, true, false], operator)
    }
  }
})

/** Family, four address words, port. */
function socketOperand(input: Bytes): Operand {
  const socket: SocketFacet = {
    get family() {
      return input.load(4, 0)
    },
    get source() {
      return [input.load(4, 8), input.load(4, 12), input.load(4, 16), input.load(4, 20)]
    },
    get destinationPort() {
      return input.load(2, 4)
    },
  }
  return operand({ socket })
}

const AF_INET = 2
const AF_INET6 = 10
const byte = fc.constantFrom(0, 1, 10, 127, 128, 255)
const address4 = fc.array(byte, { minLength: 4, maxLength: 4 })
const address6 = fc.oneof(
  fc.array(byte, { minLength: 16, maxLength: 16 }),
  address4.map((last) => [...new Array(10).fill(0), 255, 255, ...last]),
)
const network: fc.Arbitrary<Network> = fc.oneof(
  fc
    .record({ address: address4, bits: fc.integer({ min: 0, max: 32 }) })
    .map(({ address, bits }) => ({ address: Uint8Array.from(address), bits })),
  fc
    .record({ address: address6, bits: fc.integer({ min: 0, max: 128 }) })
    .map(({ address, bits }) => ({ address: Uint8Array.from(address), bits })),
)

function contains({ address, bits }: Network, other: readonly number[]): boolean {
  if (other.length !== address.length) return false
  const binary = (bytes: Iterable<number>): string =>
    [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('')
  return binary(address).slice(0, bits) === binary(other).slice(0, bits)
}

test('operators on sockets equal their model', () => {
  const tests = fc.record({
    networks: fc.array(network, { minLength: 1, maxLength: 24 }),
    addresses: fc.array(fc.oneof(address4, address6), { minLength: 1, maxLength: 8 }),
  })
  fc.assert(
    fc.property(tests, ({ networks, addresses }) => {
      const inputs = [...addresses, ...networks.map(({ address }) => [...address])]
      const expected = inputs.map((address) => {
        const isMapped =
          address.length === 16 &&
          Buffer.from(address.slice(0, 12)).toString('hex') === '00000000000000000000ffff'
        return networks.some(
          (each) => contains(each, address) || (isMapped && contains(each, address.slice(12))),
        )
      })
      const seen = answers(
        { operator: 'source-address', networks },
        (input) => [socketOperand(input)],
        inputs.map((address) => {
          const bytes = new Uint8Array(24)
          bytes[0] = address.length === 4 ? AF_INET : AF_INET6
          bytes.set(address, 8)
          return bytes
        }),
      )
      assert.deepEqual(seen, expected)
    }),
    { numRuns: 60 },
  )
})

test('ports, in few and in many ranges', () => {
  const many = Array.from({ length: 20 }, (_, i) => [BigInt(i * 100), BigInt(i * 100 + 3)] as const)
  for (const ranges of [
    [
      [443n, 443n],
      [1000n, 1003n],
    ] as const,
    many,
  ]) {
    const ports = [0, 3, 4, 443, 999, 1000, 1003, 1004, 65535]
    const seen = answers(
      { operator: 'destination-port', ranges },
      (input) => [socketOperand(input)],
      ports.map((port) => Uint8Array.of(AF_INET, 0, 0, 0, port & 255, port >> 8)),
    )
    const inRanges = (port: number): boolean =>
      ranges.some(([from, to]) => port >= from && port <= to)
    assert.deepEqual(seen, ports.map(inRanges))
  }
})

test('CapabilitiesGained: bits of the second that the first lacks', () => {
  const seen = answers(
    { operator: 'capabilities-gained' },
    (input) => [operand({ mask: input.load(8, 0) }), operand({ mask: input.load(8, 8) })],
    [numbers(1n, 1n), numbers(3n, 1n), numbers(1n, 3n), numbers(0n, 1n << 40n)],
  )
  assert.deepEqual(seen, [false, false, true, true])
})

test('FileType: the type in a mode', () => {
  const seen = answers(
    { operator: 'file-type', values: [0o100000n, 0o020000n] },
    (input) => [operand({ mode: input.load(4, 0) })],
    [0o100644, 0o040755, 0o020600, 0o120777, 0].map((mode) => numbers(BigInt(mode))),
  )
  assert.deepEqual(seen, [true, false, true, false, false])
})

type CelInteger = 'int32' | 'uint32' | 'int64' | 'uint64'
const celTypes = ['int32', 'uint32', 'int64', 'uint64'] as const

function celWrap(type: CelInteger, value: bigint): bigint {
  const bits = type.endsWith('32') ? 32 : 64
  return wrap(value, { bits, signed: type.startsWith('int') })
}

/** Arguments 0 and 1 have each of the types: their place is 2 × the type's number + 0 or 1. */
function celInteger(type: CelInteger, depth: number): fc.Arbitrary<CelExpression> {
  const leaves: fc.Arbitrary<CelExpression>[] = [
    word.map((value) => ({ kind: 'constant', type, value: celWrap(type, value) })),
    fc
      .integer({ min: 0, max: 1 })
      .map((i) => ({ kind: 'argument', type, position: celTypes.indexOf(type) * 2 + i })),
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
      .record({ operator: fc.constantFrom('negate' as const, 'bit-not' as const), operand: inner })
      .map((node): CelExpression => ({ kind: 'unary', type, ...node })),
    fc
      .record({
        operator: fc.constantFrom(
          ...(['add', 'subtract', 'bit-and', 'bit-or', 'bit-xor'] as const),
        ),
        left: inner,
        right: inner,
      })
      .map((node): CelExpression => ({ kind: 'binary', type, ...node })),
  )
}

function celBool(depth: number): fc.Arbitrary<CelExpression> {
  const comparison = fc.constantFrom(...celTypes).chain((type) =>
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
    case 'binary': {
      const [a, b] = [evaluate(expression.left, args), evaluate(expression.right, args)]
      const results = {
        add: a + b,
        subtract: a - b,
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

test('expressions equal their value in BigInt', () => {
  const inputs = fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(celBool(3), inputs, (expression, pairs) => {
      const seen = answers(
        { operator: 'cel', expression },
        (input) =>
          celTypes.flatMap((type, t) =>
            [0, 1].map((i) => {
              const bits = type.endsWith('32') ? 32 : 64
              const integer = integerAt(input, i * 8, bits, type.startsWith('int'))
              return operand({ integer }, undefined, t * 2 + i)
            }),
          ),
        pairs.map((pair) => numbers(...pair)),
      )
      assert.deepEqual(
        seen,
        pairs.map((pair) => evaluate(expression, pair) !== 0n),
      )
    }),
    { numRuns: 100 },
  )
})
