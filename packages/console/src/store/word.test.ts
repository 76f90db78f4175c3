import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Word } from './word.ts'

const encoder = new TextEncoder()

test('a word is found in bytes as in text, whatever the case and the range', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'Z', '@', '[', 'é'), maxLength: 30 })
  const some = fc.string({ unit: 'grapheme-ascii', maxLength: 30 })
  const words = fc.oneof(few, some).filter((text) => text !== '')
  fc.assert(
    fc.property(few, few, few, words, fc.boolean(), (before, own, after, text, isInside) => {
      const inside = isInside ? own + text.toUpperCase() + own : own
      const [start, end] = [before, before + inside].map((part) => encoder.encode(part).length)
      const bytes = encoder.encode(before + inside + after)
      const word = new Word(text)
      const isFound = inside.toLowerCase().includes(text.toLowerCase())
      assert.equal(word.isIn(inside), isFound)
      assert.equal(word.isInBytes(bytes, start, end) ?? isFound, isFound)
    }),
  )
})

test('long words are found', () => {
  const text = `${'a'.repeat(300)}b${'c'.repeat(300)}`
  const bytes = encoder.encode(`${'c'.repeat(1000)}${text.toUpperCase()}${'a'.repeat(1000)}`)
  assert.equal(new Word(text).isInBytes(bytes, 0, bytes.length), true)
  assert.equal(new Word(text).isInBytes(bytes, 0, 1600), false)
  assert.equal(new Word(`${text}d`).isInBytes(bytes, 0, bytes.length), false)
})
