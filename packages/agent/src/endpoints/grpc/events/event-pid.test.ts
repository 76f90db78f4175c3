import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import fc from 'fast-check'
import { eventPid } from './event-pid.ts'

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

test('any bytes have a pid or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const pid = eventPid(bytes, 0, bytes.length)
      assert.ok(pid === undefined || pid >= 0)
    }),
  )
})
