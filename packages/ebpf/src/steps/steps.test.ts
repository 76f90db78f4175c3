import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSteps, type Steps, waitFor } from './steps.ts'

test('steps run to their end without a pause', () => {
  function* inner(): Steps<number> {
    yield
    return 2
  }
  function* outer(): Steps<number> {
    const value = yield* inner()
    yield 'part'
    return value + 1
  }
  assert.equal(runSteps(outer()), 3)
})

test('steps that wait cannot run without a pause', () => {
  const waiting = () => runSteps(waitFor(Promise.resolve(1)))
  assert.throws(waiting, new TypeError('run steps: they wait for a promise'))
})
