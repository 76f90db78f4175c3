import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CelExpression } from './expression.ts'
import { parseCel } from './parse.ts'
import { CelError } from './syntax.ts'
import { checkTypes } from './type-check.ts'

const types = ['int32', 'uint32', 'int64', 'uint64'] as const

function checked(text: string): CelExpression {
  return checkTypes(parseCel(text), (position, offset) => {
    if (position >= types.length) throw new CelError(offset, `no arg${position}`)
    return types[position]
  })
}

/** Formats an expression with all parentheses and types. */
function show(e: CelExpression): string {
  switch (e.kind) {
    case 'constant':
      return `${e.value}:${e.type}`
    case 'argument':
      return `arg${e.position}`
    case 'convert':
      return `${e.type}(${show(e.operand)})`
    case 'unary':
      return `${e.operator}(${show(e.operand)})`
    case 'binary':
      return `(${show(e.left)} ${e.operator} ${show(e.right)})`
  }
}

function refused(text: string): string {
  try {
    checked(text)
  } catch (error) {
    assert.ok(error instanceof CelError, `${text}: ${error}`)
    return `${error.offset}: ${error.message}`
  }
  assert.fail(`${text} is accepted`)
}

test('operators have the precedence of CEL', () => {
  assert.equal(
    show(checked('arg2 + 1 - 2 > 3 && arg0 == 4 || !(arg1 <= 5)')),
    '(((((arg2 add 1:int64) subtract 2:int64) gt 3:int64) and (arg0 eq 4:int32)) or ' +
      'not((arg1 le 5:uint32)))',
  )
  assert.equal(show(checked('arg0 < arg0 == true')), '((arg0 lt arg0) eq 1:bool)')
  assert.equal(show(checked('-arg2 >= -(3)')), '(negate(arg2) ge -3:int64)')
})

test('literal numbers get the type of the other side', () => {
  assert.equal(show(checked('1 != arg1')), '(1:uint32 ne arg1)')
  assert.equal(show(checked('-1 == arg0')), '(-1:int32 eq arg0)')
  assert.equal(show(checked('1 + 2 == arg0')), '((1:int32 add 2:int32) eq arg0)')
  assert.equal(show(checked('arg3 == 18446744073709551615')), `(arg3 eq ${2n ** 64n - 1n}:uint64)`)
  assert.equal(show(checked('arg3 == 7u')), '(arg3 eq 7:uint64)')
  assert.equal(show(checked('1 == 1')), '(1:int64 eq 1:int64)')
  assert.equal(show(checked('and(arg1, 0xf) == 2')), '((arg1 bit-and 15:uint32) eq 2:uint32)')
})

test('conversions and functions on bits', () => {
  assert.equal(show(checked('int32(arg2) == arg0')), '(int32(arg2) eq arg0)')
  assert.equal(show(checked('uint32(-1) == arg1')), '(4294967295:uint32 eq arg1)')
  assert.equal(
    show(checked('or(xor(arg3, 1), not(arg3)) > 0')),
    '(((arg3 bit-xor 1:uint64) bit-or bit-not(arg3)) gt 0:uint64)',
  )
})

test('types that cannot be combined', () => {
  assert.match(refused('arg0 == arg1'), /^5: == takes operands of one type, not int32 and uint32$/)
  assert.match(refused('arg0 == 1u'), /int32 and uint64/)
  assert.match(refused('arg0 + 1'), /the result must be bool, not int32/)
  assert.match(refused('arg0 && true'), /&& takes bool operands, not int32/)
  assert.match(refused('!arg0'), /! takes a bool operand/)
  assert.match(refused('true < false'), /< takes numbers/)
  assert.match(refused('-true == 1'), /- takes numbers/)
  assert.match(refused('not(true) == 1'), /not\(\) takes numbers/)
  assert.match(refused('arg0 == 2147483648'), /^8: 2147483648 does not fit in int32/)
  assert.match(refused('arg1 == -1'), /-1 does not fit in uint32/)
})

test('invalid expressions, with their positions', () => {
  assert.match(refused(''), /^0: a value is expected, not the end/)
  assert.match(refused('arg0 =='), /^7: a value is expected, not the end/)
  assert.match(refused('arg0 == 1)'), /^9: an operator is expected, not "\)"/)
  assert.match(refused('(arg0 == 1'), /^10: "\)" is expected, not the end/)
  assert.match(refused('arg0 * 2 == 4'), /^5: unexpected character "\*"/)
  assert.match(refused('arg0 == "x"'), /^8: unexpected character "\\""/)
  assert.match(refused('arg9 == 1'), /^0: no arg9/)
  assert.match(refused('size == 1'), /unknown name size: arguments are arg0, arg1/)
  assert.match(refused('abs(arg0) == 1'), /unknown function abs: use one of int32\(\)/)
  assert.match(refused('and(arg0) == 1'), /and\(\) takes two operands, not 1/)
  assert.match(refused('int32(1, 2) == 1'), /int32\(\) takes one operand, not 2/)
  assert.match(refused(`${'('.repeat(1000)}1`), /nested too deeply/)
  assert.match(refused(`1${'+1'.repeat(5000)} == 1`), /more than 2000 tokens/)
})

test('any text is an expression or a CelError', () => {
  const words = ['arg0', 'arg1', '1', '0x2', '3u', 'true', 'int32', 'and', 'not', '(', ')', ',']
  const signs = ['+', '-', '!', '&&', '||', '==', '<', '>=', ' ']
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words, ...signs), { maxLength: 20 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (source) => {
      try {
        assert.equal(checked(source).type, 'bool')
      } catch (error) {
        assert.ok(error instanceof CelError)
        assert.ok(error.offset >= 0 && error.offset <= source.length)
      }
    }),
    { numRuns: 2000 },
  )
})
