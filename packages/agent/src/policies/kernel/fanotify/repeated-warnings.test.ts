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
