import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LossGrowth } from './loss-growth.ts'

test('losses grow from those at the first look', () => {
  const growth = new LossGrowth()
  growth.see('a', { hook: 9007199254740993n })
  assert.equal(growth.grown('a', 'hook'), 0n)
  growth.see('a', { hook: 9007199254740994n, exec: 2n })
  growth.see('b', { hook: 5n })
  assert.equal(growth.grown('a', 'hook'), 1n)
  assert.equal(growth.grown('a', 'exec'), 2n)
  assert.equal(growth.grown('b', 'hook'), 0n)
  assert.equal(growth.grown('c', 'hook'), 0n)
  assert.deepEqual(growth.allGrown('a'), { hook: 1n, exec: 2n })
  assert.deepEqual(growth.allGrown('c'), {})
})

test('an agent that is started again counts from 0', () => {
  const growth = new LossGrowth()
  growth.see('a', { hook: 10n })
  growth.see('a', { hook: 12n })
  growth.see('a', { hook: 3n })
  growth.see('a', { hook: 4n })
  assert.equal(growth.grown('a', 'hook'), 6n)
})
