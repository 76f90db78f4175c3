import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SizedCache } from './sized-cache.ts'

test('values that were not used lately give way', () => {
  const cache = new SizedCache<string, number>(10)
  cache.set('a', 1, 4)
  cache.set('b', 2, 4)
  cache.get('a')
  cache.set('c', 3, 4)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => cache.get(key)),
    [1, undefined, 3],
  )
  // The newest one is kept whatever its size.
  cache.set('d', 4, 100)
  assert.deepEqual([cache.get('a'), cache.get('d')], [undefined, 4])
  cache.set('d', 5, 1)
  cache.set('e', 6, 9)
  assert.deepEqual([cache.get('d'), cache.get('e')], [5, 6])
})
