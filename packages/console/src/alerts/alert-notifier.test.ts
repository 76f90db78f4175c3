import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AlertNotifier, pauseMs } from './alert-notifier.ts'

const alert = (key: string, level = 'high', last = 10) => ({ key, level, last, title: `t-${key}` })

test('new alerts are reported once, together, and from a level on', () => {
  const shown: string[] = []
  const notifier = new AlertNotifier([alert('old', 'high', 20)], 5, (text) => shown.push(text))
  notifier.see(
    [alert('old', 'high', 20), alert('hidden', 'high', 5), alert('low', 'low')],
    'medium',
    0,
  )
  assert.deepEqual(shown, [])
  notifier.see([alert('a'), alert('low', 'low')], 'medium', 1)
  notifier.see([alert('b'), alert('c'), alert('a')], 'medium', 2)
  assert.deepEqual(shown, ['1 new alert: high, t-a'])
  notifier.see([alert('b'), alert('c'), alert('a')], 'medium', 1 + pauseMs)
  notifier.see([alert('b'), alert('c'), alert('a')], 'medium', 1 + 3 * pauseMs)
  assert.deepEqual(shown.slice(1), ['2 new alerts, the first: high, t-b'])
})

test('an alert that was closed and is new again is reported again', () => {
  const shown: string[] = []
  const notifier = new AlertNotifier([], 0, (text) => shown.push(text))
  notifier.see([alert('a')], 'low', 0)
  notifier.see([], 'low', 1)
  notifier.see([alert('a')], 'low', 2 * pauseMs)
  assert.equal(shown.length, 2)
})

test('long titles are cut', () => {
  const shown: string[] = []
  const notifier = new AlertNotifier([], 0, (text) => shown.push(text))
  notifier.see([{ ...alert('a'), title: 'x'.repeat(10_000) }], 'low', 0)
  assert.ok(shown[0].length < 200)
})
