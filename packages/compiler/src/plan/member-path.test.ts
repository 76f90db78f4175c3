import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import fc from 'fast-check'
import { findMembers } from './member-path.ts'

/**
 * struct inner { u32 a; u32 low:4, high:12; };
 * struct outer { u64 first; union { struct inner *in; u64 word; }; struct inner many[3];
 *                struct inner **table; char name[8]; };
 */
const builder = new BtfBuilder()
const u32 = builder.int('unsigned int', 4)
const u64 = builder.int('unsigned long', 8)
const char = builder.int('char', 1, { char: true, signed: true })
const inner = builder.struct('inner', 8, [
  { name: 'a', typeId: u32, bitOffset: 0 },
  { name: 'low', typeId: u32, bitOffset: 32, bitSize: 4 },
  { name: 'high', typeId: u32, bitOffset: 36, bitSize: 12 },
])
const toInner = builder.pointer(inner)
const anonymous = builder.union('', 8, [
  { name: 'in', typeId: toInner, bitOffset: 0 },
  { name: 'word', typeId: u64, bitOffset: 0 },
])
const many = builder.array(inner, u32, 3)
const table = builder.pointer(toInner)
const name = builder.array(char, u32, 8)
const outer = builder.struct('outer', 56, [
  { name: 'first', typeId: u64, bitOffset: 0 },
  { name: '', typeId: anonymous, bitOffset: 64 },
  { name: 'many', typeId: many, bitOffset: 128 },
  { name: 'table', typeId: table, bitOffset: 320 },
  { name: 'name', typeId: name, bitOffset: 384 },
])
const toOuter = builder.pointer(outer)
const toVoid = builder.pointer(0)
const btf = Btf.parse(builder.bytes())

/** Steps as offset and whether a pointer is dereferenced; or the error. */
function find(...steps: (string | number)[]) {
  const found = findMembers(btf, toOuter, steps)
  if ('message' in found) return found.message
  return found.steps.map(({ offset, throughPointer }) => `${throughPointer ? '->' : '.'}${offset}`)
}

describe('following members', () => {
  it('finds members of structures, anonymous unions and arrays', () => {
    assert.deepEqual(find('first'), ['.0'])
    assert.deepEqual(find('word'), ['.8'])
    assert.deepEqual(find('many', 2, 'a'), ['.16', '.16', '.0'])
    assert.deepEqual(find('name', 3), ['.48', '.3'])
  })

  it('follows pointers, also to several elements', () => {
    assert.deepEqual(find('in', 'a'), ['.8', '->0'])
    assert.deepEqual(find('table', 5, 'a'), ['.40', '->40', '->0'])
  })

  it('counts elements from the address of the argument', () => {
    assert.deepEqual(find(0, 'first'), ['.0', '.0'])
    assert.deepEqual(find(3, 'word'), ['.168', '.8'])
    const wrong = findMembers(btf, toVoid, [1])
    assert.ok('message' in wrong)
    assert.match(wrong.message, /has no elements: \[1\] cannot be followed/)
  })

  it('knows the position of a bit field', () => {
    const found = findMembers(btf, outer, ['in', 'high'])
    assert.ok(!('message' in found))
    assert.deepEqual(found.steps[1].bits, { shift: 4, width: 12 })
    assert.equal(found.steps[1].offset, 4)
  })

  it('says what is wrong', () => {
    assert.equal(find('fist'), 'struct outer has no member fist')
    assert.equal(find('many', 3), '[3] is beyond the 3 elements of struct inner [3]')
    assert.match(String(find('first', 'a')), /has no members: a cannot be followed/)
    assert.match(String(find('first', 0)), /has no elements: \[0\] cannot be followed/)
    const wrong = findMembers(btf, outer, ['b'])
    assert.ok('message' in wrong)
    assert.deepEqual(wrong.allowed, ['first', 'in', 'word', 'many', 'table', 'name'])
  })

  it('returns a location or a message for any steps', () => {
    const step = fc.oneof(
      fc.constantFrom('first', 'in', 'word', 'many', 'table', 'name', 'a', 'low', 'x', ''),
      fc.nat(10),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(outer, toOuter, u32, toVoid, many),
        fc.array(step),
        (id, steps) => {
          const found = findMembers(btf, id, steps)
          assert.ok('message' in found || found.steps.length === steps.length)
        },
      ),
    )
  })
})
