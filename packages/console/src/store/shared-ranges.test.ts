import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse, Process } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { sharedRanges } from './shared-ranges.ts'

test('the process and its parent are shared', () => {
  const process = { exec_id: 'x'.repeat(70), pid: 1 }
  const parent = { exec_id: 'y'.repeat(70), pid: 2 }
  const bytes = codecOf(GetEventsResponse).encode({
    process_kprobe: { process, parent, function_name: 'f'.repeat(70) },
    time: '2026-01-01T00:00:00Z',
  })
  const parts = sharedRanges(bytes).map(({ start, end }) => bytes.slice(start, end))
  const codec = codecOf(Process)
  assert.deepEqual(
    parts.map((part) => codec.decode(part)),
    [process, parent],
  )
})

test('ranges follow one another within any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(255), (noise, length) => {
      // Likely to be read as a message in a message.
      const bytes = Uint8Array.of(10, 200, 3, 10, length, ...noise)
      const ranges = sharedRanges(bytes)
      let end = 0
      for (const range of ranges) {
        assert.ok(range.start >= end && range.start < range.end && range.end <= bytes.length)
        end = range.end
      }
      assert.ok(ranges.length <= 2)
    }),
  )
})
