import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execLine, queued } from '../testing/lines.ts'
import { schemas } from './index.ts'
import { encodeEvents } from './schema.ts'

const host = { nodeName: 'node-1', version: '1.2.3' }
/** Fields of the wrong types, as no agent writes them. */
const hostile = [
  '{"process_exec":{"process":{"binary":{},"argv":1,"environment_variables":{}}}}',
  '{"process_exit":{"process":null,"time":5},"time":[]}',
  '{"process_kprobe":{"enforcement":7,"function_name":[]},"findings":{"a":1}}',
  '{"process_exec"',
  '[]',
]

describe('the schema', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    it(`${name} is not held up by an event that it fails on`, () => {
      const lines = [execLine(1), ...hostile.map((text) => Buffer.from(text)), execLine(2)]
      const { encoded, wrong } = encodeEvents(lines.map(queued), schema, host)
      assert.equal(encoded.length + wrong.length, lines.length)
      assert.ok(wrong.length >= 2)
      const [first, last] = [encoded[0], encoded[encoded.length - 1]]
      assert.deepEqual([first.queued.line, last.queued.line], [execLine(1), execLine(2)])
    })
  }
})
