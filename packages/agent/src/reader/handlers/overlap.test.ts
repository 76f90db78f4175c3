import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Overlap, Overlaps } from './overlap.ts'

const [old, fresh] = [1, 2]
/** One of a process, before the removal of the old policy. */
const hit = { pid: 7, content: 'x', hits: 1, time: 0 }

test('a hit that both post is written once, in either order; others are always written', () => {
  const anyHit = fc.record({
    pid: fc.nat(2),
    content: fc.constantFrom('a', 'b'),
    order: fc.constantFrom([old, fresh], [fresh, old]),
  })
  fc.assert(
    fc.property(fc.array(anyHit), fc.constantFrom('a', 'b', undefined), (hits, onlyOld) => {
      const overlap = new Overlap([old], [fresh])
      let written = 0
      for (const { pid, content, order } of hits) {
        const posted = content === onlyOld ? [old] : order
        for (const hook of posted)
          written += overlap.unseen(hook, { pid, content, hits: 1, time: 0 })
      }
      assert.equal(written, hits.length)
    }),
  )
})

test('a call without its result is one of the new policy with the same arguments', () => {
  const result = { ...hit, call: 'a' }
  const late = { ...result, content: 'a', isLate: true }
  const both = new Overlap([old], [fresh])
  assert.deepEqual([both.unseen(fresh, result), both.unseen(old, late)], [1, 0])
  assert.deepEqual([both.unseen(old, late), both.unseen(fresh, result)], [1, 0])
  // Both miss the return of a call that runs while the old policy is detached.
  const missed = new Overlap([old], [fresh])
  assert.deepEqual([missed.unseen(old, late), missed.unseen(fresh, late)], [1, 0])
  assert.deepEqual([missed.unseen(fresh, late), missed.unseen(old, late)], [1, 0])
  assert.deepEqual([missed.unseen(fresh, late), missed.unseen(fresh, late)], [1, 1])
  // Those that the old policy has posted with their results do not count.
  const matched = new Overlap([old], [fresh])
  const posted = [matched.unseen(old, result), matched.unseen(fresh, result)]
  assert.deepEqual([...posted, matched.unseen(old, late), matched.unseen(old, late)], [1, 0, 1, 1])
  assert.deepEqual([matched.unseen(fresh, { ...result, call: 'b' })], [1])
})

test('processes are independent', () => {
  const overlap = new Overlap([old], [fresh])
  const records = [
    [old, 7],
    [old, 8],
    [fresh, 8],
    [fresh, 7],
  ] as const
  const written = records.map(([hook, pid]) => overlap.unseen(hook, { ...hit, pid }))
  assert.deepEqual(written, [1, 1, 0, 0])
})

test('of hits that are counted together, those are written that the other has not posted', () => {
  const overlap = new Overlap([old], [fresh])
  const unseen = [
    [old, 5],
    [fresh, 3],
    [fresh, 4],
    [old, 1],
  ].map(([hook, hits]) => overlap.unseen(hook, { ...hit, hits }))
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
    unseen.map(([hook, hits, isFinal]) => overlap.unseen(hook, { ...hit, hits, isFinal })),
    [5, 3, 2, 1, 1],
  )
})

test('hits that began after the removal are not compared, whenever they are read', () => {
  const overlap = new Overlap([old], [fresh])
  const before = [overlap.unseen(old, hit), overlap.unseen(old, hit)]
  overlap.oldIsGone(10, 1000)
  const after = [11, 10, 9, 9].map((time) => overlap.unseen(fresh, { ...hit, time }))
  assert.deepEqual([...before, ...after], [1, 1, 1, 0, 0, 1])
})

test('it is forgotten some time after the removal', () => {
  const overlap = new Overlap([old], [fresh])
  assert.equal(overlap.isOver(1e12), false)
  overlap.oldIsGone(10, 1000)
  assert.equal(overlap.isOver(10_900), false)
  assert.equal(overlap.isOver(11_100), true)
})

test('a call that the old policy has posted late is that of its successor, also when it is replaced', () => {
  const [first, second, third] = [1, 2, 3]
  const late = { ...hit, content: 'a', call: 'a', isLate: true }
  const overlaps = new Overlaps()
  overlaps.add([first], [second])
  assert.equal(overlaps.unseen(first, late), 1)
  overlaps.remove(first, 10, 1000)
  // Long after the removal, the successor still waits for the call.
  overlaps.forgetOver(60_000)
  overlaps.add([second], [third])
  assert.deepEqual([overlaps.unseen(second, late), overlaps.unseen(second, late)], [0, 1])
  overlaps.remove(second, 20, 61_000)
  overlaps.forgetOver(120_000)
  // Its own late calls may be those of the third one; later hits are not compared.
  assert.equal(overlaps.unseen(third, late), 0)
  assert.equal(overlaps.concern(third, 30), false)
  overlaps.remove(third, 40, 130_000)
  assert.ok(overlaps.isEmpty)
})
