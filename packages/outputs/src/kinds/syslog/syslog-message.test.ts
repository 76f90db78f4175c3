import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { schemas } from '../../schemas/index.ts'
import { encodeEvents } from '../../schemas/schema.ts'
import { alertLine, execLine, queued } from '../../testing/lines.ts'
import { syslogMessage } from './syslog-message.ts'

const local0 = 16

function headOf(line: Buffer): string {
  const host = { nodeName: 'node-1', version: '1.2.3' }
  const [encoded] = encodeEvents([queued(line)], schemas.tetragon, host).encoded
  const message = syslogMessage(encoded, local0)
  assert.ok(message.subarray(-line.length).equals(line))
  return message.toString('latin1', 0, message.length - line.length)
}

describe('a syslog message', () => {
  it('has the time, the node, the kind of event, and the event as JSON', () => {
    const head = '<134>1 2026-01-02T03:04:05.123456Z node-1 tetragon - process_exec - '
    assert.equal(headOf(execLine()), head)
  })

  it('has the severity of the highest finding', () => {
    const priorities = (['informational', 'low', 'medium', 'high', 'critical'] as const).map(
      (level) => headOf(alertLine(level)).slice(0, 5),
    )
    assert.deepEqual(priorities, ['<134>', '<133>', '<132>', '<131>', '<130>'])
  })

  it('has no fields that an event could forge', () => {
    const event = { process_exit: {}, node_name: 'a b\n<0>é', time: '2026-01-01 - now' }
    const line = Buffer.from(JSON.stringify(event))
    assert.equal(headOf(line), '<134>1 - a?b?<0>? tetragon - process_exit - ')
    assert.equal(
      headOf(Buffer.from('{"process_exit":{}}')),
      '<134>1 - - tetragon - process_exit - ',
    )
  })
})
