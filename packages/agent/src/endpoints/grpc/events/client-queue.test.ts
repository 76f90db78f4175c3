import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { framed, frameEnd, framePrefix } from '../../../reader/outputs/framing.ts'
import { ClientQueue } from './client-queue.ts'
import type { FrameBatch } from './frame-batch.ts'

/** Texts of the messages of a batch, copied as grpc-js does. */
function texts(batch: FrameBatch | undefined): string[] {
  if (batch === undefined) return []
  const bytes = Buffer.alloc(framePrefix + batch.byteLength)
  batch.copy(bytes)
  const found: string[] = []
  for (let at = 0; at < bytes.length; at = frameEnd(bytes, at)) {
    found.push(bytes.toString('utf8', at + framePrefix, frameEnd(bytes, at)))
  }
  return found
}

function push(queue: ClientQueue, text: string): boolean {
  const frame = framed(Buffer.from(text))
  return queue.push(frame, 0, frame.length)
}

describe('the queue of a client', () => {
  it('returns messages in order, adjacent ones together', () => {
    const queue = new ClientQueue({ events: 10, bytes: 1000 })
    const chunk = Buffer.concat(['a', 'b', 'c'].map((text) => framed(Buffer.from(text))))
    for (let at = 0; at < chunk.length; at = frameEnd(chunk, at)) {
      assert.ok(queue.push(chunk, at, frameEnd(chunk, at)))
    }
    push(queue, 'd')
    assert.equal(queue.length, 4)
    assert.deepEqual(texts(queue.take(1)), ['a', 'b', 'c'])
    assert.deepEqual(texts(queue.take(1)), ['d'])
    assert.equal(queue.take(1), undefined)
  })

  it('has a limit of messages and bytes, but always takes the first', () => {
    const few = new ClientQueue({ events: 2, bytes: 1000 })
    assert.deepEqual([push(few, 'a'), push(few, 'b'), push(few, 'c')], [true, true, false])
    const small = new ClientQueue({ events: 10, bytes: 20 })
    assert.deepEqual([push(small, 'x'.repeat(100)), push(small, '')], [true, false])
  })

  it('reports a loss when half of it is free, and takes nothing before', () => {
    const queue = new ClientQueue({ events: 4, bytes: 1000 })
    for (const text of ['a', 'b', 'c', 'd']) push(queue, text)
    queue.addLost(3)
    assert.equal(queue.takeLost(), 0)
    queue.take(1)
    assert.equal(push(queue, 'e'), false)
    queue.take(1)
    assert.equal(queue.takeLost(), 3)
    assert.equal(queue.takeLost(), 0)
    assert.equal(push(queue, 'e'), true)
  })

  it('neither loses nor doubles what it took', () => {
    const step = fc.oneof(fc.string({ maxLength: 8 }), fc.nat(60))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new ClientQueue({ events: 8, bytes: 60 })
        const taken: string[] = []
        const given: string[] = []
        for (const each of steps) {
          if (typeof each === 'number') given.push(...texts(queue.take(each + 1)))
          else if (push(queue, each)) taken.push(each)
          assert.equal(queue.length, taken.length - given.length)
        }
        while (queue.length > 0) given.push(...texts(queue.take(1)))
        assert.deepEqual(given, taken)
      }),
    )
  })
})
