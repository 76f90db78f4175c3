import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  btf,
  inner,
  name,
  outer,
  toDerived,
  toInner,
  toOuter,
  toVoid,
  u32,
  u64,
} from '../testing/nested-structures.ts'
import { fit } from './parameter-types.ts'

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
