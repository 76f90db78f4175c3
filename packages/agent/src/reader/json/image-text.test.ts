import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { firstCharacters, imageText, jsonOfText, textOfJson } from './image-text.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed()),
  fc.string({ unit: fc.constantFrom('"', '\\', ',', ':', 'a', 'ä', '🚀', '\n', ',"binary":"') }),
)

it('texts of a process’s image are read unchanged', () => {
  fc.assert(
    fc.property(text, text, text, (cwd, binary, args) => {
      const json = JSON.stringify({ cwd, binary, arguments: args })
      const image = Buffer.from(`,${json.slice(1, -1)}`).toString('latin1')
      assert.equal(imageText(image, 'cwd'), cwd)
      assert.equal(imageText(image, 'binary'), binary)
      assert.equal(imageText(image, 'arguments'), args)
    }),
  )
  assert.equal(imageText(',"binary":"<kernel>"', 'arguments'), '')
})

it('texts are JSON and back again', () => {
  fc.assert(fc.property(text, (value) => assert.equal(textOfJson(jsonOfText(value)), value)))
})

it('the first characters of a text have no half of a surrogate pair', () => {
  fc.assert(
    fc.property(text, fc.nat(20), (whole, max) => {
      const first = firstCharacters(whole, max)
      assert.ok(first.isWellFormed() && whole.startsWith(first))
      assert.ok(first.length <= max && first.length >= Math.min(whole.length, max) - 1)
    }),
  )
  assert.equal(firstCharacters('a🚀b', 2), 'a')
  assert.equal(firstCharacters('a🚀b', 3), 'a🚀')
  assert.equal(firstCharacters('a🚀', Number.POSITIVE_INFINITY), 'a🚀')
})
