import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LossHistory } from './loss-history.ts'

test('losses of a span are those between the looks around it', () => {
  const history = new LossHistory()
  history.add('a', 10, {})
  history.add('a', 20, { hook: 3n })
  history.add('a', 30, { hook: 3n, exec: 1n })
  const lost = (from: number, to: number) => history.lostIn('a', { from, to })
  assert.deepEqual(lost(10, 20), { from: 10, to: 20, losses: { hook: 3n } })
  assert.deepEqual(lost(22, 25), { from: 20, to: 30, losses: { exec: 1n } })
  assert.deepEqual(lost(0, 100), { from: 10, to: 30, losses: { hook: 3n, exec: 1n } })
  assert.equal(lost(0, 10), undefined)
  assert.equal(lost(31, 40), undefined)
  assert.equal(history.lostIn('b', { from: 0, to: 100 }), undefined)
})

test('its memory is bounded, and nothing is lost between early looks', () => {
  const history = new LossHistory()
  for (let i = 0; i <= 10_000; i++) history.add('a', i, { hook: BigInt(i) })
  const whole = history.lostIn('a', { from: 0, to: 10_000 })
  assert.deepEqual(whole, { from: 0, to: 10_000, losses: { hook: 10_000n } })
  const late = history.lostIn('a', { from: 9995, to: 9998 })!
  assert.ok(late.from >= 9990 && late.to <= 10_000)
  const early = history.lostIn('a', { from: 500, to: 501 })!
  assert.ok(early.to - early.from > 1)
  assert.equal(early.losses.hook, BigInt(early.to - early.from))
})
