import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DirectCallers } from './direct-callers.ts'

const image = { pid: 1, start: 2, execs: 3 }
const callerOf = (address: bigint): bigint => BigInt.asUintN(64, ~address)

test('stacks from elsewhere than the start of a function stay', () => {
  assert.deepEqual(new DirectCallers().complete(image, [1n, 2n]), [1n, 2n])
})

test('a caller is added if it is omitted', () => {
  const callers = new DirectCallers()
  assert.deepEqual(callers.complete(image, [callerOf(2n), 1n, 2n, 3n]), [1n, 2n, 3n])
  assert.deepEqual(callers.complete(image, [callerOf(0n), 1n, 3n]), [1n, 3n])
  assert.deepEqual(callers.complete(image, [callerOf(2n), 1n, 3n]), [1n, 2n, 3n])
  assert.deepEqual(callers.complete(image, [callerOf(2n), 1n]), [1n, 2n])
})

test('a function that calls itself is its own caller', () => {
  const [omitting, whole] = [new DirectCallers(), new DirectCallers()]
  omitting.complete(image, [callerOf(5n), 1n, 9n])
  assert.deepEqual(omitting.complete(image, [callerOf(2n), 1n, 2n, 5n]), [1n, 2n, 2n, 5n])
  whole.complete(image, [callerOf(5n), 1n, 5n, 9n])
  assert.deepEqual(whole.complete(image, [callerOf(2n), 1n, 2n, 5n]), [1n, 2n, 5n])
})

test('another image of the process has functions of its own', () => {
  const callers = new DirectCallers()
  callers.complete(image, [callerOf(5n), 1n, 9n])
  const next = { ...image, execs: 4 }
  assert.deepEqual(callers.complete(next, [callerOf(2n), 1n, 2n, 5n]), [1n, 2n, 5n])
})
