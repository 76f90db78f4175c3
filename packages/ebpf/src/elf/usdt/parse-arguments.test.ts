import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUsdtArguments } from './parse-arguments.ts'

const context = {
  address: 0x1000,
  symbolAddress: (name: string): number | undefined =>
    ({ counter: 0x5000, 'table.2': 0x6000 })[name],
}
const x86 = (text: string) => parseUsdtArguments(text, 'x86-64', 8, context)
const arm64 = (text: string) => parseUsdtArguments(text, 'arm64', 8, context)

const memory = (register: string, displacement = 0, others = {}) => ({
  kind: 'memory',
  register,
  displacement,
  ...others,
})
const absolute = (displacement: number, others = {}) => ({
  kind: 'absolute',
  displacement,
  ...others,
})
const register = (name: string, shift = 0) => ({ kind: 'register', register: name, shift })
const constant = (value: bigint) => ({ kind: 'constant', value })

test('operands of x86-64 are read', () => {
  const cases: Record<string, object> = {
    $5: constant(5n),
    '$-1': constant(-1n),
    $0x10: constant(16n),
    $18446744073709551615: constant(0xffff_ffff_ffff_ffffn),
    '%rax': register('rax'),
    '%edi': register('rdi'),
    '%bx': register('rbx'),
    '%dl': register('rdx'),
    '%ah': register('rax', 8),
    '%dh': register('rdx', 8),
    '%sil': register('rsi'),
    '%bpl': register('rbp'),
    '%r8': register('r8'),
    '%r15d': register('r15'),
    '%r9w': register('r9'),
    '%r10b': register('r10'),
    '(%rsp)': memory('rsp'),
    '-1204(%rbp)': memory('rbp', -1204),
    '0x18(%rdi)': memory('rdi', 24),
    '8+4(%rdi)': memory('rdi', 12),
    '-1200(%rbp,%rax,4)': memory('rbp', -1200, { index: 'rax', scale: 4 }),
    '(%rbx,%rcx)': memory('rbx', 0, { index: 'rcx', scale: 1 }),
    '16(,%rdx,1)': absolute(16, { index: 'rdx', scale: 1 }),
    'counter(,%rdx,4)': absolute(0x5000, { index: 'rdx', scale: 4 }),
    'counter+4': absolute(0x5004),
    'counter(%rip)': memory('rip', 0x4000),
    'counter+8(%rip)': memory('rip', 0x4008),
    '8+counter(%rip)': memory('rip', 0x4008),
    '-4+table.2(%rip)': memory('rip', 0x4ffc),
    'table.2(%rax)': memory('rax', 0x6000),
  }
  const names = Object.keys(cases)
  assert.deepEqual(
    x86(names.map((text) => `8@${text}`).join(' ')),
    names.map((name) => ({ size: 8, signed: false, ...cases[name] })),
  )
})

test('operands of arm64 are read', () => {
  const cases: Record<string, object> = {
    '5': constant(5n),
    '#-3': constant(-3n),
    xzr: constant(0n),
    x0: register('x0'),
    w30: register('x30'),
    sp: register('sp'),
    '[sp]': memory('sp'),
    '[sp, 24]': memory('sp', 24),
    '[x29, #-16]': memory('x29', -16),
    '[x1,x2]': memory('x1', 0, { index: 'x2', scale: 1 }),
    '[x1, x2, lsl 3]': memory('x1', 0, { index: 'x2', scale: 8 }),
  }
  const names = Object.keys(cases)
  assert.deepEqual(
    arm64(names.map((text) => `-4@${text}`).join(' ')),
    names.map((name) => ({ size: 4, signed: true, ...cases[name] })),
  )
})

test('arguments of an unknown form keep their numbers', () => {
  const found = x86(
    `-8@%xmm0 4f@%xmm1 8@%fs:40 8@missing(%rip) 4@a+b(%rip) 1@%al 8@,(%rax) 8@() 8@`,
  )
  assert.deepEqual(
    found.map(({ kind }) => kind),
    [
      'unknown',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
      'register',
      'unknown',
      'unknown',
      'unknown',
    ],
  )
  assert.deepEqual(found[1], { size: 8, signed: false, kind: 'unknown', text: '4f@%xmm1' })
  assert.deepEqual(
    arm64('8@x31 8@[x0, w1, sxtw] 8@[x0 4@d0').map(({ kind }) => kind),
    ['unknown', 'unknown', 'unknown'],
  )
  assert.deepEqual(
    parseUsdtArguments('4@r0', 'arm', 4, context).map(({ kind }) => kind),
    ['unknown'],
  )
  assert.deepEqual(x86(''), [])
})

test('displacements beyond the range of addresses are unknown', () => {
  const texts = ['9007199254740993(%rax)', `${'9'.repeat(30)}(%rax)`, '0x1ffffffffffffffff(%rax)']
  for (const text of texts) assert.equal(x86(`8@${text}`)[0].kind, 'unknown')
})
