import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ArgumentTypeName, argumentTypeFacts, argumentTypeNames } from './argument-facts.ts'
import {
  allowsOperator,
  argumentOperators,
  operatorsByKind,
  readArgumentTest,
} from './argument-operators.ts'
import { type ArgumentTest, operators, type ValueOperator } from './index.ts'

function read(
  operator: ValueOperator,
  type: ArgumentTypeName,
  ...values: string[]
): ArgumentTest | string[] {
  const problems: string[] = []
  const result = readArgumentTest(operator, type, values, (i, { message }) => {
    problems.push(`${i}: ${message}`)
  })
  return result ?? problems
}

const utf8 = (text: string) => new TextEncoder().encode(text)

test('every type has facts, every kind its operators', () => {
  for (const name of argumentTypeNames) {
    const { kind, bits, doc } = argumentTypeFacts[name]
    assert.ok(operatorsByKind[kind] !== undefined && doc !== '', name)
    const numeric = kind === 'integer' || kind === 'capabilities' || kind === 'syscall'
    assert.equal(bits !== undefined, numeric, name)
  }
  for (const operator of argumentOperators) {
    const used = argumentTypeNames.some((type) => allowsOperator(type, operator))
    assert.equal(used, operator !== 'CelExpr', operator)
  }
})

test('which types allow which operators', () => {
  const typesOf = (operator: (typeof argumentOperators)[number]) =>
    argumentTypeNames.filter((type) => type !== 'auto' && allowsOperator(type, operator))
  assert.deepEqual(typesOf('FileType'), ['file', 'path'])
  assert.deepEqual(typesOf('Protocol'), ['skb', 'sock', 'socket'])
  assert.deepEqual(typesOf('DAddr'), ['skb', 'sock', 'socket'])
  assert.deepEqual(typesOf('SAddr'), ['skb', 'sock', 'sockaddr', 'socket'])
  assert.deepEqual(typesOf('Family'), ['skb', 'sock', 'sockaddr', 'socket', 'sockaddr_un'])
  assert.deepEqual(typesOf('CapabilitiesGained'), [
    ...['kernel_cap_t', 'cap_inheritable', 'cap_permitted', 'cap_effective'],
  ])
  for (const type of ['fd', 'file', 'path', 'dentry', 'string', 'char_buf'] as const) {
    assert.ok(allowsOperator(type, 'Prefix') && allowsOperator(type, 'SubStringIgnCase'), type)
    assert.ok(!allowsOperator(type, 'GT'), type)
  }
  assert.ok(allowsOperator('syscall64', 'InMap') && !allowsOperator('syscall64', 'InRange'))
  assert.ok(!allowsOperator('cred', 'Equal'))
})

test('how many values', () => {
  assert.deepEqual(
    (['Equal', 'GT', 'SPortPriv', 'NotDPortPriv', 'CapabilitiesGained', 'CelExpr'] as const).map(
      (name) => operators[name].count,
    ),
    ['some', 'one', 'none', 'none', 'none', 'one'],
  )
})

test('numbers and strings by the type', () => {
  assert.deepEqual(read('Equal', 'int', '-1', '0x10'), { operator: 'equal', values: [-1n, 16n] })
  assert.deepEqual(read('NotEqual', 'string', '1'), {
    operator: 'equal-string',
    strings: [utf8('1')],
  })
  assert.deepEqual(read('GT', 'uint32', '5'), { operator: 'greater', value: 5n })
  assert.deepEqual(read('LessThan', 'long', '-5'), { operator: 'less', value: -5n })
  assert.deepEqual(read('Mask', 'uint32', '1', '4'), { operator: 'mask', mask: 5n })
  assert.deepEqual(read('InRange', 'int', '1:2', '5:9'), {
    operator: 'range',
    ranges: [
      [1n, 2n],
      [5n, 9n],
    ],
  })
  assert.deepEqual(read('InMap', 'syscall64', '1', '3:5', 'list:a'), {
    operator: 'in-map',
    ranges: [
      [1n, 1n],
      [3n, 5n],
    ],
    lists: ['a'],
  })
})

test('of unknown type by their form', () => {
  assert.deepEqual(read('Equal', 'auto', '1', '-2'), { operator: 'equal', values: [1n, -2n] })
  assert.deepEqual(read('Equal', 'auto', '1', 'x'), {
    operator: 'equal-string',
    strings: [utf8('1'), utf8('x')],
  })
})

test('trailing zero bytes are removed from strings, but not from buffers', () => {
  assert.deepEqual(read('Equal', 'string', 'a\0'), {
    operator: 'equal-string',
    strings: [utf8('a')],
  })
  assert.deepEqual(read('Postfix', 'file', '.so\0\0'), {
    operator: 'postfix',
    strings: [utf8('.so')],
  })
  assert.deepEqual(read('Equal', 'char_buf', 'a\0'), {
    operator: 'equal-string',
    strings: [utf8('a\0')],
  })
  assert.deepEqual(read('Prefix', 'file', '\0'), ['0: an empty value would match everything'])
})

test('sockets: networks, ports, names', () => {
  assert.deepEqual(read('NotDPort', 'sock', '80', '1000:2000'), {
    operator: 'destination-port',
    ranges: [
      [80n, 80n],
      [1000n, 2000n],
    ],
  })
  assert.deepEqual(read('SPortPriv', 'sock'), { operator: 'source-port', ranges: [[0n, 1023n]] })
  assert.deepEqual(read('Protocol', 'skb', 'IPPROTO_UDP', '6'), {
    operator: 'protocol',
    values: [17n, 6n],
  })
  assert.deepEqual(read('Family', 'sockaddr', 'AF_INET6'), { operator: 'family', values: [10n] })
  assert.deepEqual(read('State', 'sock', 'TCP_LISTEN'), { operator: 'state', values: [10n] })
  assert.deepEqual(read('SAddr', 'sock', '10.0.0.0/8'), {
    operator: 'source-address',
    networks: [{ address: Uint8Array.of(10, 0, 0, 0), bits: 8 }],
  })
})

test('file types are the bits of S_IFMT', () => {
  assert.deepEqual(read('FileType', 'file', 'reg', 'socket', 'pipe'), {
    operator: 'file-type',
    values: [0o100000n, 0o140000n, 0o010000n],
  })
})

test('every invalid value is reported', () => {
  assert.equal((read('Equal', 'int', 'a', '1', '99999999999') as string[]).length, 2)
  assert.equal((read('SPort', 'sock', '65536', '-1', 'http') as string[]).length, 3)
  assert.equal((read('DAddr', 'sock', '1.2.3', '::/200') as string[]).length, 2)
  assert.equal((read('FileType', 'file', '0', 'REG') as string[]).length, 2)
  assert.equal((read('Family', 'sock', 'inet', 'AF_NOPE') as string[]).length, 2)
})

test('files by identity, for what is a file in the kernel', () => {
  assert.deepEqual(read('Equal', 'file', '/a', 'inode:/b'), {
    operator: 'equal-string',
    strings: [utf8('/a')],
    files: ['/b'],
  })
  assert.deepEqual(read('NotEqual', 'linux_binprm', 'inode:/b'), {
    operator: 'equal-string',
    strings: [],
    files: ['/b'],
  })
  for (const wrong of ['inode:b', 'inode:/b/', 'inode:/a/../b', 'inode:/./b', 'inode://b']) {
    assert.match(String(read('Equal', 'file', wrong)), /^0: inode: needs an absolute path/, wrong)
  }
  assert.deepEqual(read('Equal', 'file', 'inode:/a/..b/.c'), {
    operator: 'equal-string',
    strings: [],
    files: ['/a/..b/.c'],
  })
  assert.deepEqual(read('Prefix', 'file', 'inode:/b'), [
    '0: only Equal and NotEqual compare with the file at a path',
  ])
  for (const type of ['fd', 'string', 'filename', 'sockaddr_un'] as const) {
    assert.deepEqual(read('Equal', type, 'inode:/b'), [
      `0: an argument of type ${type} cannot be compared with the file at a path`,
    ])
  }
  // Bytes may be anything.
  assert.deepEqual(read('Equal', 'char_buf', 'inode:/b'), {
    operator: 'equal-string',
    strings: [utf8('inode:/b')],
  })
})
