import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BadValue } from './bad-value.ts'
import { parseNumber, readEqual, readMask, readOperand, readRange } from './numbers.ts'

test('decimal, hexadecimal, octal and binary numbers', () => {
  const cases: [string, bigint][] = [
    ['0', 0n],
    ['12', 12n],
    ['-12', -12n],
    ['+3', 3n],
    ['0x1F', 31n],
    ['-0x10', -16n],
    ['017', 15n],
    ['0o17', 15n],
    ['0b101', 5n],
    ['1_000', 1000n],
    ['18446744073709551615', 2n ** 64n - 1n],
  ]
  for (const [text, value] of cases) assert.equal(parseNumber(text), value, text)
  for (const text of ['', '-', '08', '0x', '1.5', '1e3', ' 1', 'a', '0b2', '--1', '0xg']) {
    assert.equal(parseNumber(text), undefined, text)
  }
})

test('formatted numbers are parsed back', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 64n), 2n ** 64n), (value) => {
      const sign = value < 0n ? '-' : ''
      const digits = value < 0n ? -value : value
      assert.equal(parseNumber(String(value)), value)
      assert.equal(parseNumber(`${sign}0x${digits.toString(16)}`), value)
      assert.equal(parseNumber(`${sign}0o${digits.toString(8)}`), value)
    }),
  )
})

test('any text of number characters is refused or parsed correctly', () => {
  const text = fc.string({ unit: fc.constantFrom(...'+-0123456789abcdefxXoO_.') })
  fc.assert(
    fc.property(text, (written) => {
      const value = parseNumber(written)
      if (value === undefined) return
      const [, sign, digits] = /^([+-]?)(.*)$/.exec(written.replaceAll('_', '')) ?? []
      const literal = digits.replace(/^0(?=\d)/, '0o')
      assert.equal(value, BigInt(literal) * (sign === '-' ? -1n : 1n))
    }),
    { numRuns: 5000 },
  )
})

test('a signed argument equals its bits without sign', () => {
  assert.equal(readEqual('4294967295', 'int'), -1n)
  assert.equal(readEqual('0x80000000', 'sint32'), -(2n ** 31n))
  assert.equal(readEqual('255', 'int8'), -1n)
  assert.equal(readEqual('18446744073709551615', 'sint64'), -1n)
  assert.equal(readEqual('-1', 'int'), -1n)
  for (const [value, type] of [
    ['4294967296', 'int'],
    ['-2147483649', 'int'],
    ['4294967296', 'uint32'],
    ['-1', 'uint32'],
  ] as const) {
    assert.ok(readEqual(value, type) instanceof BadValue, `${value} ${type}`)
  }
})

test('values have to fit the type', () => {
  assert.equal(readOperand('-2147483648', 'int'), -(2n ** 31n))
  assert.ok(readOperand('2147483648', 'int') instanceof BadValue)
  assert.ok(readOperand('-1', 'uint32') instanceof BadValue)
  assert.equal(readOperand('255', 'uint8'), 255n)
  assert.ok(readOperand('256', 'uint8') instanceof BadValue)
  assert.equal(readOperand('-128', 'sint8'), -128n)
  assert.equal(readOperand('18446744073709551615', 'size_t'), 2n ** 64n - 1n)
})

test('masks are bits: negative ones as their complement', () => {
  assert.equal(readMask('0x80000000', 'int'), 0x8000_0000n)
  assert.equal(readMask('-1', 'int'), 0xffff_ffffn)
  assert.ok(readMask('0x100000000', 'int') instanceof BadValue)
})

test('capabilities by name, in lists and single', () => {
  assert.equal(readOperand('CAP_CHOWN,CAP_SYS_ADMIN', 'cap_effective'), 1n | (1n << 21n))
  assert.equal(readOperand('DAC_OVERRIDE', 'kernel_cap_t'), 2n)
  assert.equal(readOperand('CAP_DAC_OVERRIDE', 'kernel_cap_t'), 2n)
  assert.equal(readOperand('0x3', 'kernel_cap_t'), 3n)
  assert.equal(readMask('CAP_BPF', 'cap_permitted'), 1n << 39n)
  assert.equal(readOperand('CAP_SYS_ADMIN', 'capability'), 21n)
  assert.equal(readOperand('21', 'capability'), 21n)
  const wrong = readOperand('CAP_NOPE', 'cap_effective')
  assert.ok(wrong instanceof BadValue && wrong.allowed?.includes('CAP_BPF'))
  assert.ok(readOperand('CAP_NOPE', 'capability') instanceof BadValue)
})

test('ranges', () => {
  const read = (text: string) => readOperand(text, 'int')
  assert.deepEqual(readRange('-1:0x10', read, false), [-1n, 16n])
  assert.deepEqual(readRange('7', read, true), [7n, 7n])
  for (const text of ['7', '1:2:3', '5:1', ':', '1:', 'a:b']) {
    assert.ok(readRange(text, read, false) instanceof BadValue, text)
  }
})
