import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Gap, GapList, gapsIn, lostIn } from './gaps.ts'

const gap = (from: number, to: number, more: Partial<Gap> = {}): Gap => {
  return { from, to, node: 'a', lost: 1, hidesProcesses: false, ...more }
}

const anyGap: fc.Arbitrary<Gap> = fc
  .record({
    start: fc.nat(200_000),
    length: fc.integer({ min: 1, max: 20_000 }),
    node: fc.constantFrom('a', 'b', ''),
    lost: fc.integer({ min: 1, max: 1000 }),
    hidesProcesses: fc.boolean(),
  })
  .map(({ start, length, ...gap }) => ({ from: start, to: start + length, ...gap }))

test('a bounded list has each loss at its time, and for its node', () => {
  fc.assert(
    fc.property(
      fc.array(anyGap, { maxLength: 60 }),
      fc.integer({ min: 2, max: 12 }),
      (gaps, max) => {
        const list = new GapList(max)
        for (const each of gaps) list.add(each)
        assert.ok(list.all.length <= max)
        assert.equal(lostIn(list.all), lostIn(gaps))
        for (const each of gaps) {
          const found = gapsIn(list.all, each, each.node)
          assert.ok(lostIn(found) >= each.lost)
          assert.ok(!each.hidesProcesses || found.some(({ hidesProcesses }) => hidesProcesses))
        }
      },
    ),
  )
})

test('gaps of a moment are one, and distant ones are not', () => {
  const list = new GapList(100)
  for (let i = 0; i < 40; i++) list.add(gap(i * 100, i * 100 + 1))
  list.add(gap(60_000, 60_001))
  assert.deepEqual(list.all, [gap(0, 3901, { lost: 40 }), gap(60_000, 60_001)])
})

test('gaps are found by time and node', () => {
  const gaps = [gap(10, 20), gap(30, 40, { node: 'b', lost: 5 }), gap(30, 40, { node: undefined })]
  assert.equal(lostIn(gapsIn(gaps, { from: 20, to: 30 })), 0)
  assert.equal(lostIn(gapsIn(gaps, { from: 19, to: 31 })), 7)
  assert.equal(lostIn(gapsIn(gaps, undefined, 'a')), 2)
  assert.equal(lostIn(gapsIn(gaps, { from: 30, to: 31 }, 'b')), 6)
})
