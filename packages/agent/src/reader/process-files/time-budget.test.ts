import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TimeBudget } from './time-budget.ts'

test('waits are limited each, and to a fifth of all time', () => {
  const budget = new TimeBudget()
  assert.equal(budget.available(1000), 500)
  budget.spend(100)
  assert.equal(budget.available(1000), 500)
  budget.spend(150)
  assert.equal(budget.available(1000), 0)
  assert.equal(budget.available(1250), 0)
  assert.equal(budget.available(1255), 500)
})

test('a long wait is paid back', () => {
  const budget = new TimeBudget()
  budget.spend(500)
  assert.equal(budget.available(1400), 0)
  assert.equal(budget.available(1600), 500)
})
