import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type EventClass, eventClasses } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import { decodeRecord, encodeRecord } from './record.ts'

const events: fc.Arbitrary<QueuedEvent> = fc
  .tuple(
    fc.constantFrom<EventClass>(...eventClasses),
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.integer({ min: 0, max: 2 ** 50 }),
  )
  .map(([eventClass, line, arrived]) => ({ eventClass, line: Buffer.from(line), arrived }))

/** All events in front of anything that is not a whole record. */
function decodeAll(bytes: Buffer): QueuedEvent[] {
  const found: QueuedEvent[] = []
  let next = decodeRecord(bytes, 0)
  for (; next.kind === 'record'; next = decodeRecord(bytes, next.end)) found.push(next.event)
  return found
}

describe('records of a spool', () => {
  it('give back the events', () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 5 }), (all) => {
        assert.deepEqual(decodeAll(Buffer.concat(all.map(encodeRecord))), all)
      }),
    )
  })

  it('that are cut off give back all whole events', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 5 }), fc.nat(), (all, cut) => {
        const records = all.map(encodeRecord)
        const bytes = Buffer.concat(records)
        const length = cut % bytes.length
        const whole = records.findIndex((_, index) => {
          return Buffer.concat(records.slice(0, index + 1)).length > length
        })
        assert.deepEqual(decodeAll(bytes.subarray(0, length)), all.slice(0, whole))
      }),
    )
  })

  it('with a changed bit end the events, and forge none', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 5 }), fc.nat(), (all, at) => {
        const bytes = Buffer.concat(all.map(encodeRecord))
        bytes[(at >> 3) % bytes.length] ^= 1 << (at & 7)
        const found = decodeAll(bytes)
        assert.ok(found.length < all.length)
        assert.deepEqual(found, all.slice(0, found.length))
      }),
    )
  })

  it('are no other bytes, such as the zeros of a power cut', () => {
    assert.equal(decodeRecord(Buffer.alloc(4096), 0).kind, 'damaged')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.notEqual(decodeRecord(Buffer.from(bytes), 0).kind, 'record')
      }),
    )
  })
})
