import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import fc from 'fast-check'
import { eventPid, eventTime } from './event-fields.ts'

const codec = codecOf(GetEventsResponse)

function pidOf(event: object): number | undefined {
  const bytes = codec.encode(event)
  // Surrounded by other messages.
  const among = Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('\xff\xff')])
  return eventPid(among, 3, 3 + bytes.length)
}

test('the pid of an event is found without reading the rest', () => {
  const text = fc.string({ maxLength: 300 })
  const process = fc.record({
    exec_id: text,
    pid: fc.nat(2 ** 31 - 1),
    arguments: text,
    start_time: fc.constant('2024-05-06T07:08:09.123456789Z'),
  })
  fc.assert(
    fc.property(process, process, text, (one, other, name) => {
      assert.equal(pidOf({ process_exec: { process: one, parent: other } }), one.pid)
      const hook = {
        process: one,
        function_name: name,
        args: [{ size_arg: '18446744073709551615' }],
      }
      assert.equal(pidOf({ process_kprobe: hook, node_name: name }), one.pid)
    }),
  )
  assert.equal(pidOf({ process_exec: { process: {} } }), undefined)
  assert.equal(pidOf({ process_exec: {} }), undefined)
  assert.equal(pidOf({ process_throttle: { cgroup: 'x' } }), undefined)
})

test('so is its time, after any other fields', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(2 ** 32), fc.nat(999_999_999), (node_name, seconds, nanos) => {
      const second = new Date(seconds * 1000).toISOString().slice(0, -5)
      const time = `${second}.${String(nanos).padStart(9, '0')}Z`
      const bytes = codec.encode({ process_exec: { process: { pid: 1 } }, node_name, time })
      assert.deepEqual(eventTime(bytes, 0, bytes.length), { seconds, nanos })
    }),
  )
  const bytes = codec.encode({ node_name: 'x' })
  assert.equal(eventTime(bytes, 0, bytes.length), undefined)
})

test('any bytes have a pid and a time or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const pid = eventPid(bytes, 0, bytes.length)
      assert.ok(pid === undefined || pid >= 0)
      const { seconds = 0 } = eventTime(bytes, 0, bytes.length) ?? {}
      assert.ok(seconds >= 0)
    }),
  )
})
