import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { EventSegment } from './event-segment.ts'

const codec = codecOf(GetEventsResponse)
const anyProcess = fc.record({
  exec_id: fc.constantFrom('a', 'b'.repeat(60), 'c'.repeat(60)),
  pid: fc.nat(2),
  binary: fc.constantFrom('/bin/sh', `/bin/${'x'.repeat(100)}`),
})
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .record({ process: anyProcess, parent: anyProcess, function_name: fc.string() })
    .map((process_kprobe) => codec.encode({ process_kprobe, node_name: 'n' })),
)

test('events are as they were added', () => {
  const lines = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(fc.array(fc.tuple(anyBytes, lines), { maxLength: 40 }), (events) => {
      const segment = new EventSegment(7)
      for (const [time, [bytes, line]] of events.entries()) {
        segment.add({ time, line, fields: { kind: line, exec: 'x' }, bytes })
      }
      for (const [i, [bytes, line]] of events.entries()) {
        assert.deepEqual(segment.bytesOf(i), Uint8Array.from(bytes))
        assert.equal(segment.lineOf(i), line)
        assert.equal(segment.timeOf(i), i)
        assert.equal(segment.fieldsOf(i).kind, line)
        assert.equal(segment.fieldsOf(i).pod, '')
      }
      assert.equal(segment.indicesWith('exec', 'x').length, events.length)
    }),
  )
})

test('events of one process share it', () => {
  const sizeWith = (process: (i: number) => object): number => {
    const segment = new EventSegment(0)
    for (let time = 0; !segment.isFull; time++) {
      const bytes = codec.encode({ process_exec: { process: process(time) } })
      segment.add({ time, line: '', fields: {}, bytes })
    }
    return segment.size / segment.count
  }
  const binary = `/bin/${'x'.repeat(500)}`
  assert.ok(sizeWith(() => ({ binary, pid: 1 })) < 100)
  assert.ok(sizeWith((pid) => ({ binary, pid })) > 500)
})
