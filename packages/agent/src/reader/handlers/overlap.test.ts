import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Overlap } from './overlap.ts'

const [old, fresh] = [1, 2]

test('a hit that both post is written once, in either order; others are always written', () => {
  const hit = fc.record({
    pid: fc.nat(2),
    content: fc.constantFrom('a', 'b'),
    order: fc.constantFrom([old, fresh], [fresh, old]),
  })
  fc.assert(
    fc.property(fc.array(hit), fc.constantFrom('a', 'b', undefined), (hits, onlyOld) => {
      const overlap = new Overlap([old], [fresh])
      let written = 0
      for (const { pid, content, order } of hits) {
        const posted = content === onlyOld ? [old] : order
        for (const hook of posted) written += overlap.unseen(hook, pid, content, 1)
      }
      assert.equal(written, hits.length)
    }),
  )
})

test('processes are independent', () => {
  const overlap = new Overlap([old], [fresh])
  const records = [
    [old, 7],
    [old, 8],
    [fresh, 8],
    [fresh, 7],
  ] as const
  const written = records.map(([hook, pid]) => overlap.unseen(hook, pid, 'x', 1))
  assert.deepEqual(written, [1, 1, 0, 0])
})

test('of hits that are counted together, those are written that the other has not posted', () => {
  const overlap = new Overlap([old], [fresh])
  const unseen = [
    [old, 5],
    [fresh, 3],
    [fresh, 4],
    [old, 1],
  ].map(([hook, hits]) => overlap.unseen(hook, 7, 'x', hits))
  assert.deepEqual(unseen, [5, 0, 2, 0])
})

test('what the other cannot see is compared with what it has posted before only', () => {
  const overlap = new Overlap([old], [fresh])
  const unseen = [
    [old, 5, true],
    [fresh, 3, true],
    [old, 2, false],
    [fresh, 3, true],
    [fresh, 1, true],
  ] as const
  assert.deepEqual(
    unseen.map(([hook, hits, isFinal]) => overlap.unseen(hook, 7, 'x', hits, isFinal)),
    [5, 3, 2, 1, 1],
  )
})

test('refusals that only the old one has counted do not hide those after its removal', () => {
  for (const [isCounted, written] of [
    [true, [5, 0, 4]],
    [false, [5, 0, 2]],
  ] as const) {
    const overlap = new Overlap([old], [fresh], isCounted)
    const before = [overlap.unseen(old, 7, 'x', 5), overlap.unseen(fresh, 7, 'x', 3)]
    overlap.oldIsGone(1000)
    assert.deepEqual([...before, overlap.unseen(fresh, 7, 'x', 4)], written)
  }
})

test('it ends some time after the old one is removed', () => {
  const overlap = new Overlap([old], [fresh])
  assert.equal(overlap.isOver(1e12), false)
  overlap.oldIsGone(1000)
  assert.equal(overlap.isOver(1100), false)
  assert.equal(overlap.isOver(2500), true)
})
