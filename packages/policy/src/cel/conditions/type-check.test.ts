import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CelExpression } from './expression.ts'
import { parseCel } from './parse.ts'
import { CelError } from './syntax.ts'
import { checkTypes } from './type-check.ts'

const types = ['int32', 'uint32', 'int64', 'uint64'] as const

function checked(text: string): CelExpression {
  return checkTypes(parseCel(text), { arg: 'args', data: 'data' }, ({ list, position }, offset) => {
    if (list === 'data') return 'text'
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
    case 'swap':
      return `swap${e.bits}(${show(e.operand)})`
    case 'text':
      return `(${e.list}${e.position} ${e.operator} ${new TextDecoder().decode(e.value)})`
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

test('products, quotients and shifts bind as in C', () => {
  assert.equal(
    show(checked('arg2 * 2 + arg2 / 3 % 4 << 1 >> 2 > arg2')),
    '(((((arg2 multiply 2:int64) add ((arg2 divide 3:int64) remainder 4:int64)) ' +
      'shift-left 1:int64) shift-right 2:int64) gt arg2)',
  )
  assert.equal(show(checked('ntoh(arg1) == 1')), '(swap32(arg1) eq 1:uint32)')
  assert.equal(show(checked('ntoh16(arg3) == 1')), '(swap16(arg3) eq 1:uint64)')
  assert.equal(show(checked('1 << 3 == arg0')), '((1:int32 shift-left 3:int32) eq arg0)')
  assert.match(refused('arg0 / 0 == 1'), /^7: division by zero/)
  assert.match(refused('arg0 % 0 == 1'), /^7: division by zero/)
  assert.match(refused('arg0 << 32 == 1'), /^8: int32 is shifted by 0 to 31 bits, not 32/)
  assert.match(refused('arg2 >> -1 == 1'), /int64 is shifted by 0 to 63 bits, not -1/)
})

test('texts are compared with literals', () => {
  assert.equal(show(checked('data0 == "a\\"b"')), '(data0 equal-string a"b)')
  assert.equal(show(checked("'x' != data1")), 'not((data1 equal-string x))')
  assert.equal(
    show(checked('data0.startsWith("/tmp") || !data0.endsWith("ä") && data1.contains("\\n")')),
    '((data0 prefix /tmp) or (not((data0 postfix ä)) and (data1 substring \n)))',
  )
  assert.match(refused('data0'), /^0: data0 is a text: use == or != with a text, \.startsWith\(\)/)
  assert.match(refused('data0 == data1'), /^6: a text is compared with one in quotes/)
  assert.match(refused('arg0 == "1"'), /^5: a text is compared with one in quotes/)
  assert.match(refused('"a" == "a"'), /a text is compared with one in quotes/)
  assert.match(refused('data0 < "a"'), /data0 is a text/)
  assert.match(refused('"a" < data0'), /^0: a text can only be compared/)
  assert.match(refused('data0.startWith("a")'), /^6: unknown function startWith: use one of starts/)
  assert.match(refused('data0.startsWith("")'), /^17: an empty text would match everything/)
  assert.match(refused('data0.startsWith(data1)'), /startsWith\(\) takes one text in quotes/)
  assert.match(refused('arg0.startsWith("a")'), /^0: startsWith\(\) is a function of arguments/)
  assert.match(refused('data0 == "\\q"'), /^9: unknown escape \\q: use one of/)
})

test('members get the type of the other side until theirs is known', () => {
  const members: string[] = []
  const unknown = (text: string): string =>
    show(
      checkTypes(
        parseCel(text),
        {
          arg: 'args',
          data: 'data',
          member({ list, position, text: written, steps, offsets }) {
            members.push(`${list}${position} ${written} ${steps.join()} ${offsets.join()}`)
            return { list: 'data', position: 9 }
          },
        },
        ({ list, position }) => (list === 'data' && position === 9 ? 'unknown' : 'int32'),
      ),
    )
  assert.equal(unknown('arg0 . f_inode.i_ino == 5u'), '(arg9 eq 5:uint64)')
  assert.deepEqual(members.slice(0, 1), ['args0 arg0.f_inode.i_ino f_inode,i_ino 0,7,15'])
  members.length = 0
  assert.equal(unknown('data1[3].x + 1 < arg0'), '((arg9 add 1:int32) lt arg0)')
  assert.deepEqual(members.slice(0, 1), ['data1 data1[3].x 3,x 0,6,9'])
  assert.equal(unknown('uint32(5) == arg0.x'), '(5:uint32 eq arg9)')
  assert.equal(unknown('arg0.x == arg0.y'), '(arg9 eq arg9)')
  assert.equal(unknown('arg0.name == "a"'), '(data9 equal-string a)')
  assert.equal(unknown('arg0.name.startsWith("a")'), '(data9 prefix a)')
  assert.throws(() => unknown('!arg0.x'), /! takes a bool operand/)
  assert.throws(() => unknown('(arg0 + 1).x == 2'), /only arguments have members/)
  assert.throws(() => unknown('arg0[-1] == 2'), /the number of an element is expected, not "-"/)
  assert.throws(() => unknown('arg0[0x1] == 2'), /the number of an element is expected, not "0x1"/)
  assert.throws(() => unknown('arg0. == 2'), /the name of a member or function is expected/)
  assert.match(refused('arg0.x == 1'), /^5: members require matchCEL/)
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
  assert.match(refused('arg0 ^ 2 == 4'), /^5: unexpected character "\^"/)
  assert.match(refused('arg0 == "x'), /^8: unexpected character "\\""/)
  assert.match(refused('arg9 == 1'), /^0: no arg9/)
  assert.match(refused('size == 1'), /unknown name size: arguments are arg0, arg1/)
  assert.match(refused('abs(arg0) == 1'), /unknown function abs: use one of int32\(\)/)
  assert.match(refused('and(arg0) == 1'), /and\(\) takes two operands, not 1/)
  assert.match(refused('int32(1, 2) == 1'), /int32\(\) takes one operand, not 2/)
  assert.match(refused(`${'('.repeat(1000)}1`), /nested too deeply/)
  assert.match(refused(`1${'+1'.repeat(5000)} == 1`), /more than 2000 tokens/)
})

test('any text is an expression or a CelError', () => {
  const words = [
    ...['arg0', 'arg1', '1', '0x2', '3u', 'true', 'int32', 'and', 'not', '(', ')', ','],
    ...['data0', '"a"', "'", '\\', '.', 'contains', 'ntoh'],
  ]
  const signs = ['*', '/', '%', '<<', '>>', '+', '-', '!', '&&', '||', '==', '<', '>=', ' ']
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
