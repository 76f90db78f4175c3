import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { moveSpan, spanBetween } from './move-span.ts'

const keys = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']
const anyRange = fc
  .record({
    from: fc.nat(1e6),
    step: fc.integer({ min: 1, max: 1000 }),
    bars: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ from, step, bars }) => ({ from, step, to: from + bars * step }))

test('keys and the mouse select whole bars of the range', () => {
  const presses = fc.array(fc.tuple(fc.constantFrom(...keys), fc.boolean()), { maxLength: 30 })
  const mouse = fc.tuple(fc.nat(2e6), fc.nat(2e6))
  fc.assert(
    fc.property(
      anyRange,
      fc.option(mouse, { nil: undefined }),
      presses,
      (range, drawn, pressed) => {
        let span = drawn && spanBetween(...drawn, range)
        for (const [key, isShift] of [['', false] as const, ...pressed]) {
          const before = span
          span = key === '' ? span : moveSpan(key, isShift, span, range)
          if (span === undefined) continue
          const { from, to } = span
          assert.ok(from >= range.from && to <= range.to && from < to)
          assert.equal((from - range.from) % range.step, 0)
          assert.equal((to - range.from) % range.step, 0)
          if (before && !isShift) assert.equal(to - from, before.to - before.from)
        }
      },
    ),
  )
})

test('a span has the bars of both ends', () => {
  const range = { from: 100, to: 200, step: 10 }
  assert.deepEqual(spanBetween(115, 131, range), { from: 110, to: 140 })
  assert.deepEqual(spanBetween(131, 115, range), { from: 110, to: 140 })
  assert.deepEqual(spanBetween(0, 1000, range), { from: 100, to: 200 })
})

test('Shift moves the end', () => {
  const range = { from: 100, to: 200, step: 10 }
  const span = { from: 120, to: 140 }
  assert.deepEqual(moveSpan('ArrowRight', true, span, range), { from: 120, to: 150 })
  assert.deepEqual(moveSpan('ArrowLeft', true, span, range), { from: 120, to: 130 })
  assert.deepEqual(moveSpan('Home', true, span, range), { from: 100, to: 140 })
  assert.deepEqual(moveSpan('End', true, span, range), { from: 120, to: 200 })
  assert.equal(moveSpan('x', false, span, range), undefined)
})

test('a span that is older than the range is led into it', () => {
  const range = { from: 100, to: 200, step: 10 }
  assert.deepEqual(moveSpan('ArrowRight', false, { from: 0, to: 20 }, range), {
    from: 100,
    to: 120,
  })
})
