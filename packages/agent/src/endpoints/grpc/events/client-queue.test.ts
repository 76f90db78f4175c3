import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EventClass, eventClass, eventClasses } from '@tetragon-ts/outputs/queue'
import fc from 'fast-check'
import { framed, frameEnd, framePrefix } from '../../../reader/outputs/framing.ts'
import { ClientQueue, type FrameBatch } from './client-queue.ts'

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

const { hook, process } = eventClass

function push(queue: ClientQueue, text: string, of: EventClass = hook): boolean {
  const frame = framed(Buffer.from(text))
  return queue.push(frame, 0, frame.length, of)
}

describe('the queue of a client', () => {
  it('returns messages in order, adjacent ones together', () => {
    const queue = new ClientQueue({ events: 20, bytes: 1000 })
    const chunk = Buffer.concat(['a', 'b', 'c'].map((text) => framed(Buffer.from(text))))
    for (let at = 0; at < chunk.length; at = frameEnd(chunk, at)) {
      assert.ok(queue.push(chunk, at, frameEnd(chunk, at), hook))
    }
    push(queue, 'd')
    assert.equal(queue.length, 4)
    assert.deepEqual(texts(queue.take(1)), ['a', 'b', 'c'])
    assert.deepEqual(texts(queue.take(1)), ['d'])
    assert.equal(queue.take(1), undefined)
  })

  it('copies single messages of a buffer that changes afterwards, up to any size', () => {
    const sizes = fc.array(fc.oneof(fc.nat(200), fc.nat(200_000)), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(sizes, (lengths) => {
        const queue = new ClientQueue({ events: 1000, bytes: 1e9 })
        const sent = lengths.map((length, i) => String(i % 10).repeat(length))
        for (const text of sent) {
          const bytes = Buffer.concat([Buffer.from('?'), framed(Buffer.from(text))])
          assert.ok(queue.pushCopy(bytes, 1, bytes.length, hook))
          bytes.fill(0)
        }
        const taken: string[] = []
        while (queue.length > 0) taken.push(...texts(queue.take(70_000)))
        assert.ok(taken.join() === sent.join())
      }),
      { numRuns: 30 },
    )
  })

  it('has a limit of messages and bytes, but always takes the first', () => {
    const few = new ClientQueue({ events: 2, bytes: 1000 })
    assert.deepEqual([push(few, 'a'), push(few, 'b'), push(few, 'c')], [true, true, false])
    const small = new ClientQueue({ events: 10, bytes: 20 })
    assert.deepEqual([push(small, 'x'.repeat(100)), push(small, '')], [true, false])
  })

  it('reports a loss when a part of it is free, and takes nothing of the class before', () => {
    const queue = new ClientQueue({ events: 32, bytes: 1000 })
    for (let i = 0; i < 16; i++) assert.ok(push(queue, 'a'))
    assert.equal(push(queue, 'b'), false)
    queue.lose(hook)
    queue.addLost(2)
    assert.equal(queue.takeLost(), 0)
    queue.take(1)
    assert.equal(push(queue, 'b'), false)
    assert.equal(push(queue, 'exec', process), true)
    queue.take(1)
    assert.equal(queue.takeLost(), 3)
    assert.equal(queue.takeLost(), 0)
    assert.equal(push(queue, 'c'), true)
  })

  it('has room for processes, whatever policies observe, and keeps the order', () => {
    const queue = new ClientQueue({ events: 10_000, bytes: 2 ** 25 })
    const pushed: string[] = []
    for (let i = 0; i < 30_000; i++) {
      const isExec = i % 10 === 0
      if (push(queue, `${i}`, isExec ? process : hook)) pushed.push(`${i}`)
      else assert.ok(!isExec, `exec ${i} is lost`)
    }
    const taken: string[] = []
    while (queue.length > 0) taken.push(...texts(queue.take(1000)))
    assert.deepEqual(taken, pushed)
  })

  it('neither loses nor doubles what it took', () => {
    const step = fc.oneof(
      fc.tuple(fc.constantFrom(...eventClasses), fc.string({ maxLength: 8 })),
      fc.nat(60),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new ClientQueue({ events: 8, bytes: 60 })
        const taken: string[] = []
        const given: string[] = []
        for (const each of steps) {
          if (typeof each === 'number') given.push(...texts(queue.take(each + 1)))
          else if (push(queue, each[1], each[0])) taken.push(each[1])
          assert.equal(queue.length, taken.length - given.length)
        }
        while (queue.length > 0) given.push(...texts(queue.take(1)))
        assert.deepEqual(given, taken)
      }),
    )
  })
})
