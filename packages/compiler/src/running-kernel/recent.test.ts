import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Recent } from './recent.ts'

test('the values that were used last are kept', () => {
  const made: string[] = []
  const recent = new Recent<string>(2)
  const use = (key: string) =>
    recent.of(key, () => {
      made.push(key)
      return key.toUpperCase()
    })
  assert.deepEqual(['a', 'b', 'a', 'c', 'a', 'b'].map(use), ['A', 'B', 'A', 'C', 'A', 'B'])
  assert.deepEqual(made, ['a', 'b', 'c', 'b'])
})
