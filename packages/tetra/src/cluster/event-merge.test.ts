import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { EventMerge } from './event-merge.ts'

const windowMs = 100

interface Sent {
  readonly time: number
  readonly delay: number
}

/** Events with their times in milliseconds, and how long each takes to arrive. */
const events = (delayMax: number) =>
  fc.array(fc.record({ time: fc.nat(1000), delay: fc.nat(delayMax) }), { maxLength: 60 })

/** Feeds events at their arrival, and reads all that are due at each millisecond. */
function merge(sent: readonly Sent[], limit = Number.POSITIVE_INFINITY) {
  const merger = new EventMerge({ windowMs, events: limit, bytes: limit })
  const arrivals = sent
    .map((each, id) => ({ ...each, id, at: each.time + each.delay }))
    .sort((a, b) => a.at - b.at)
  const out: number[] = []
  const take = (now: number): void => {
    for (let each = merger.take(now); each !== undefined; each = merger.take(now)) {
      out.push(each.readUInt16LE())
    }
  }
  let waiting = 0
  for (const { id, time, at } of arrivals) {
    take(at)
    const chunk = Buffer.alloc(2)
    chunk.writeUInt16LE(id)
    merger.add(chunk, BigInt(time), at)
    take(at)
    waiting = Math.max(waiting, merger.size)
  }
  take(Number.POSITIVE_INFINITY)
  return { out, late: merger.late, waiting }
}

describe('merged events', () => {
  it('are in order of time if none takes longer than the window', () => {
    fc.assert(
      fc.property(events(windowMs - 1), (sent) => {
        const { out, late } = merge(sent)
        const times = out.map((id) => sent[id].time)
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        )
        assert.equal(late, 0)
      }),
      { numRuns: 300 },
    )
  })

  it('are all there once, and late ones are counted', () => {
    fc.assert(
      fc.property(events(1000), fc.integer({ min: 1, max: 20 }), (sent, limit) => {
        const { out, late, waiting } = merge(sent, limit)
        assert.deepEqual(
          out.toSorted((a, b) => a - b),
          sent.map((_, id) => id),
        )
        assert.ok(waiting < limit)
        let newest = 0
        let inversions = 0
        for (const id of out) {
          if (sent[id].time < newest) inversions++
          newest = Math.max(newest, sent[id].time)
        }
        assert.equal(inversions, late)
      }),
      { numRuns: 300 },
    )
  })

  it('of one time keep their order, and those without a time follow the last one', () => {
    const merger = new EventMerge({ windowMs, events: 9, bytes: 99 })
    const add = (name: string, time: bigint | undefined) => merger.add(Buffer.from(name), time, 0)
    add('b', 2n)
    add('c', 2n)
    add('a', undefined)
    const out = [1, 2, 3].map(() => String(merger.take(windowMs)))
    assert.deepEqual(out, ['a', 'b', 'c'])
    assert.equal(merger.take(windowMs), undefined)
  })
})
