import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Allowances } from './allowances.ts'

it('a client may use a burst, then the rate', () => {
  let now = 1000
  const allowances = new Allowances({ perSecond: 10, burst: 5 }, () => now)
  assert.equal(allowances.take('a', 4), 0)
  assert.equal(allowances.take('a', 2), 100)
  assert.equal(allowances.take('a', 1), 0)
  assert.equal(allowances.take('a', 1), 100)
  // Others have their own.
  assert.equal(allowances.take('b', 5), 0)
  now += 50
  assert.equal(allowances.take('a', 1), 50)
  now += 50
  assert.equal(allowances.take('a', 1), 0)
  // Unused allowance adds up to no more than the burst.
  now += 60_000
  assert.equal(allowances.take('a', 5), 0)
  assert.equal(allowances.take('a', 5), 500)
})

it('any number of clients needs little memory, and the latest ones are remembered', () => {
  const allowances = new Allowances({ perSecond: 1, burst: 1 }, () => 0)
  allowances.take('flood', 1)
  for (let i = 0; i < 5000; i++) {
    allowances.take(`client ${i}`, 1)
    if (i % 100 === 0) assert.equal(allowances.take('flood', 1), 1000)
  }
  // The first of the others is forgotten.
  assert.equal(allowances.take('client 0', 1), 0)
})
