import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventClass, sumOf } from './event-class.ts'
import { EventQueue } from './event-queue.ts'

const { hook, process, enforcement } = eventClass
const all = { events: Infinity, bytes: Infinity }
const limit = 100_000
const kilobyte = Buffer.alloc(1000, 'x')

function newQueue(): EventQueue {
  return new EventQueue(limit, (lost) => Buffer.from(`lost ${lost}`))
}

async function texts(queue: EventQueue): Promise<string[]> {
  return (await queue.peek(all)).map(({ line }) => line.toString().slice(0, 7))
}

describe('the queue of an output', () => {
  it('is bounded, and hook events leave room for the others', async () => {
    const queue = newQueue()
    for (let i = 0; i < 1000; i++) queue.add(hook, kilobyte, i)
    assert.ok(queue.bytes > limit / 3 && queue.bytes <= limit / 2, `${queue.bytes}`)
    const before = queue.length
    for (let i = 0; i < 5; i++) queue.add(process, kilobyte, i)
    queue.add(enforcement, kilobyte, 0)
    assert.equal(queue.length, before + 6)
    assert.deepEqual(queue.lost, [1000 - before, 0, 0])
    for (let i = 0; i < 1000; i++) queue.add(process, kilobyte, i)
    assert.ok(queue.bytes <= limit)
  })

  it('reports losses in their place when there is room again', async () => {
    const queue = newQueue()
    for (let i = 0; i < 1000; i++) queue.add(hook, kilobyte, i)
    const lost = sumOf(queue.lost)
    queue.remove(queue.length)
    queue.add(process, Buffer.from('exec'), 1)
    queue.add(process, Buffer.from('exit'), 1)
    assert.deepEqual(await texts(queue), [`lost ${lost}`.slice(0, 7), 'exec', 'exit'])
    assert.equal(sumOf(queue.lost), lost)
  })

  it('keeps order when some of the first events stay', async () => {
    const queue = newQueue()
    for (const text of ['a', 'b', 'c', 'd']) queue.add(process, Buffer.from(text), 0)
    const [, second] = await queue.peek({ events: 3, bytes: Infinity })
    queue.remove(3, [second])
    assert.deepEqual(await texts(queue), ['b', 'd'])
    queue.remove(2)
    assert.deepEqual([queue.bytes, queue.length, queue.oldest], [0, 0, undefined])
  })

  it('hands out batches by number and bytes, but at least one event', async () => {
    const queue = newQueue()
    for (let i = 0; i < 4; i++) queue.add(process, kilobyte, i)
    assert.equal((await queue.peek({ events: 3, bytes: Infinity })).length, 3)
    assert.equal((await queue.peek({ events: 9, bytes: 2500 })).length, 2)
    assert.equal((await queue.peek({ events: 9, bytes: 1 })).length, 1)
  })

  it('copies lines: the buffer that they arrive in is used again', async () => {
    const queue = newQueue()
    const line = Buffer.from('first')
    queue.add(process, line, 0)
    line.write('other')
    assert.deepEqual(await texts(queue), ['first'])
  })

  it('survives many rounds', async () => {
    const queue = newQueue()
    for (let i = 0; i < 20_000; i++) {
      queue.add(process, Buffer.from(String(i)), i)
      if (i % 3 === 2) queue.remove(3)
    }
    assert.deepEqual(await texts(queue), ['19998', '19999'])
  })
})
