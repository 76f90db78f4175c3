import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RepeatedWarnings } from './repeated-warnings.ts'

test('each text is passed on once a minute', () => {
  const passed: string[] = []
  let now = 0
  const warnings = new RepeatedWarnings(
    (message) => passed.push(message),
    () => now,
  )
  for (now = 0; now < 90_000; now += 1000) {
    warnings.add('a')
    if (now > 30_000) warnings.add('b')
  }
  assert.deepEqual(passed, ['a', 'b', 'a'])
})

test('any number of texts needs a bounded amount of memory', () => {
  const passed = new Set<string>()
  const warnings = new RepeatedWarnings(
    (message) => passed.add(message),
    () => 0,
  )
  for (let i = 0; i < 1000; i++) warnings.add(`${i}`)
  assert.equal(passed.size, 1000)
  passed.clear()
  for (let i = 0; i < 1000; i++) warnings.add(`${i}`)
  // The latest hundred are remembered until others take their places.
  assert.equal(passed.size, 1000)
  warnings.add('999')
  assert.equal(passed.size, 1000)
})
