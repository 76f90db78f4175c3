import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lineDiff } from './line-diff.ts'

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(({ sign, text }) => `${sign}${text}`)

test('changed lines are shown with those around them', () => {
  const numbers = (changed: string) =>
    Array.from({ length: 12 }, (_, i) => (i === 5 ? changed : String(i))).join('\n')
  assert.deepEqual(shown(numbers('a'), numbers('b')), [
    ...['…', ' 2', ' 3', ' 4', '-a', '+b', ' 6', ' 7', ' 8', '…'],
  ])
  assert.deepEqual(shown('a\nb', 'a\nb'), [])
  assert.deepEqual(shown('', 'a'), ['-', '+a'])
  assert.deepEqual(shown('a\n', 'a\nb\n'), [' a', '+b', ' '])
})

test('removed and kept lines are the old text, added and kept lines the new one', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(texts, texts, (one, two) => {
      const lines = lineDiff(one.join('\n'), two.join('\n'))
      if (lines.length === 0) return assert.deepEqual(one, two)
      // Long equal parts are omitted.
      if (lines.some(({ sign }) => sign === '…')) return
      const side = (sign: string) =>
        lines.filter((line) => line.sign === ' ' || line.sign === sign).map(({ text }) => text)
      assert.deepEqual(side('-'), one)
      assert.deepEqual(side('+'), two)
    }),
  )
})
