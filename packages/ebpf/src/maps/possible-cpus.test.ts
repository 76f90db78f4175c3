import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCpus } from './possible-cpus.ts'

test('counts up to the highest CPU of the list', () => {
  assert.equal(countCpus('0\n'), 1)
  assert.equal(countCpus('0-3\n'), 4)
  assert.equal(countCpus('0-3,8,10-11\n'), 12)
  assert.throws(() => countCpus('\n'), /has no number/)
})
