import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { terminalJson } from './terminal-json.ts'

test('JSON for a terminal has the same meaning and no control characters', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const line = JSON.stringify(value)
      const safe = terminalJson(line)
      assert.deepEqual(JSON.parse(safe), JSON.parse(line))
      assert.doesNotMatch(safe, /[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
  assert.equal(terminalJson('{"a":\r\t"\x7f\u202e"}'), '{"a":  "\\u007f\\u202e"}')
})
