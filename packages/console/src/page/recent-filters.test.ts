import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFilter } from './recent-filters.ts'

test('the newest filter is the first, once', () => {
  assert.deepEqual(withFilter('b', ['a', 'b']), ['b', 'a'])
  assert.deepEqual(withFilter('', ['a']), ['a'])
})

test('filters are few and short', () => {
  const many = Array.from({ length: 100 }, (_, i) => String(i))
  assert.deepEqual(withFilter('x', many), ['x', ...many.slice(0, 19)])
  assert.deepEqual(withFilter('x'.repeat(1001), ['a']), ['a'])
})
