import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOperand } from './read-operand.ts'
import { UsageError } from './usage-error.ts'

test('an operand with choices is read like an option with choices', () => {
  assert.equal(readOperand('MODE', 'Enforce', ['enforce', 'monitor']), 'enforce')
  const message =
    'parse MODE: invalid value "monitr" (expected enforce, monitor); did you mean "monitor"?'
  assert.throws(
    () => readOperand('MODE', 'monitr', ['enforce', 'monitor']),
    (error) => error instanceof UsageError && error.message === message,
  )
})
