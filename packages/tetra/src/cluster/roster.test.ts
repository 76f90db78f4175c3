import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Roster } from './roster.ts'

describe('the nodes of a cluster', () => {
  let lines: string[]
  let roster: Roster
  beforeEach(() => {
    lines = []
    roster = new Roster((line) => lines.push(line))
  })

  it('are reported at the start, when they change, and at the end', () => {
    for (const node of ['a', 'b']) roster.expect(node)
    roster.connected('a')
    assert.deepEqual(lines, [])
    roster.missing('b', 'no\nway')
    assert.deepEqual(lines.splice(0), ['following 1 of 2 nodes; missing:\n  node b: no way'])
    roster.connected('b')
    roster.connected('c')
    roster.missing('a', 'gone')
    roster.missing('a', 'still gone')
    roster.end()
    assert.deepEqual(lines, [
      'node b is back',
      'node c is new',
      'missing: node a: gone',
      'the output is incomplete; missing:\n  node a: still gone',
    ])
  })

  it('have short lines, and not too many', () => {
    const nodes = Array.from({ length: 30 }, (_, i) => `n${i}`)
    for (const node of nodes) roster.expect(node)
    for (const node of nodes) roster.missing(node, `\x1b${'x'.repeat(100_000)}`)
    roster.note('y'.repeat(100_000))
    roster.end()
    const texts = lines.flatMap((line) => line.split('\n'))
    assert.equal(texts.length, 2 * 22 + 1)
    assert.equal(texts.filter((text) => text === '  and 10 more').length, 2)
    for (const text of texts) assert.ok(text.length < 1100 && !text.includes('\x1b'))
  })

  it('are complete when all connected ones have answered, and none is still connecting', () => {
    roster.expect('a')
    roster.missing('b', 'gone')
    assert.equal(roster.areComplete(new Set(['a'])), false)
    roster.connected('a')
    assert.equal(roster.areComplete(new Set(['b'])), false)
    assert.equal(roster.areComplete(new Set(['a'])), true)
  })
})
