import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import { fit } from './argument-fit.ts'

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
const derived = builder.struct('derived', 64, [
  { name: 'base', typeId: outer, bitOffset: 0 },
  { name: 'more', typeId: u64, bitOffset: 448 },
])
const toDerived = builder.pointer(derived)
const toVoid = builder.pointer(0)
const btf = Btf.parse(builder.bytes())

describe('whether a type fits', () => {
  const structure = { kind: 'structure', names: ['outer'] } as const
  const number = (bits: 32 | 64) => ({ kind: 'number', bits }) as const

  it('compares structures, which may begin with the expected one', () => {
    assert.equal(fit(btf, toOuter, structure), 'fits')
    assert.equal(fit(btf, outer, structure), 'fits')
    assert.equal(fit(btf, toDerived, structure), 'fits')
    assert.equal(fit(btf, toInner, structure), 'misfit')
    assert.equal(fit(btf, toVoid, structure), 'unclear')
    assert.equal(fit(btf, u64, structure), 'unclear')
    assert.equal(fit(btf, u32, structure), 'misfit')
  })

  it('accepts addresses as numbers of their size', () => {
    assert.equal(fit(btf, toOuter, number(64)), 'fits')
    assert.equal(fit(btf, toOuter, number(32)), 'misfit')
    assert.equal(fit(btf, u32, number(64)), 'fits')
    assert.equal(fit(btf, inner, number(64)), 'fits')
    assert.equal(fit(btf, outer, number(64)), 'misfit')
    assert.equal(fit(btf, name, number(64)), 'misfit')
  })

  it('accepts any address for bytes', () => {
    for (const id of [toOuter, toVoid, name, outer]) {
      assert.equal(fit(btf, id, { kind: 'bytes' }), 'fits')
    }
    assert.equal(fit(btf, u32, { kind: 'bytes' }), 'misfit')
  })
})
