import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { imageText, jsonOfText, textOfJson } from './image-text.ts'

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
