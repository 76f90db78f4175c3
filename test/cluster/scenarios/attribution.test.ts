import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gapsOf } from './attribution.ts'

describe('gaps between lines', () => {
  const lines = ['a', 'b', 'c', 'd', 'e', 'f']
  const without = (missing: string): number =>
    gapsOf(lines, new Set(lines.filter((line) => !missing.includes(line))))

  it('are counted, however many lines each has', () => {
    assert.equal(without(''), 0)
    assert.equal(without('c'), 1)
    assert.equal(without('bcd'), 1)
    assert.equal(without('bd'), 2)
    assert.equal(without('a'), 1)
    assert.equal(without('abd'), 2)
  })

  it('are none if only the last line is missing, which may not be written yet', () => {
    assert.equal(without('f'), 0)
    assert.equal(without('bf'), 1)
    assert.equal(without('ef'), 1)
    assert.equal(without('bef'), 2)
    assert.equal(without('abcdef'), 1)
    assert.equal(gapsOf([], new Set()), 0)
  })

  it('ignore lines that no pod has logged', () => {
    assert.equal(gapsOf(lines, new Set([...lines, 'x'])), 0)
    assert.equal(gapsOf(lines, new Set(['x'])), 1)
  })
})
