import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Density } from '../store/density.ts'
import { barHeight, barsOf } from './bars.ts'

test('bars are stacked, the highest one to the top, and the events of the span are counted', () => {
  const density = new Density(8, 10)
  for (const time of [0, 1, 2, 20]) density.add('process_exec', time)
  density.add('process_exit', 3)
  const part = density.part()
  assert.deepEqual(barsOf(part, undefined), [
    { kind: 'process_exec', count: 4, path: 'M0 25.00h1v75.00h-1zM2 75.00h1v25.00h-1z' },
    { kind: 'process_exit', count: 1, path: 'M0 0.00h1v25.00h-1z' },
  ])
  const counts = barsOf(part, { from: 10, to: 30 }).map(({ count }) => count)
  assert.deepEqual(counts, [1, 0])
  assert.equal(barHeight, 100)
})

test('without events there are no bars', () => {
  assert.deepEqual(barsOf(new Density().part(), undefined), [])
})
