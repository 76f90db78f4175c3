import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { type ClassCounts, eventClass, sumOf } from '@tetragon-ts/outputs/queue'
import { LineBuffer } from '../../../reader/json/event-lines.ts'
import { ProcessOffsets } from '../../../reader/json/process-offsets.ts'
import { EventTap } from '../../../reader/outputs/event-tap.ts'
import { frameEnd, framePrefix } from '../../../reader/outputs/framing.ts'
import { EventStream } from './event-stream.ts'

const codec = codecOf(GetEventsResponse)
const line = (name: string) => `{"node_name":"${name}"}\n`

/** Node names of framed messages. */
function names(chunk: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at < chunk.length; at = frameEnd(chunk, at)) {
    const message = codec.decode(chunk.subarray(at + framePrefix, frameEnd(chunk, at)))
    found.push(message.node_name ?? '')
  }
  return found
}

/** A simulated thread that creates events: it handles commands on demand. */
function fakeThread() {
  const commands: (SharedArrayBuffer | undefined)[] = []
  const thread = {
    onEvents: undefined as (() => void) | undefined,
    stream: (memory: SharedArrayBuffer | undefined) => void commands.push(memory),
  }
  const failures: string[] = []
  const tap = new EventTap(
    new ProcessOffsets(),
    () => thread.onEvents?.(),
    (reason) => failures.push(reason),
  )
  const obey = (): void => {
    for (const memory of commands.splice(0)) tap.stream(memory)
  }
  const write = (text: string): void => {
    const out = new LineBuffer()
    for (const each of text.match(/.*\n/g) ?? []) {
      out.latin1(each)
      out.endLine(eventClass.hook)
    }
    tap.write(out)
  }
  return { thread, obey, write, failures }
}

describe('events from another thread', () => {
  it('start only when the thread delivers them', async () => {
    const { thread, obey, write } = fakeThread()
    const received: string[] = []
    const receiver = {
      messages: (chunk: Buffer) => void received.push(...names(chunk)),
      lost: () => {},
      isFull: false,
    }
    const subscription = new EventStream(thread).open(receiver)
    let hasBegun = false
    subscription.begun.then(() => {
      hasBegun = true
    })
    write(line('early'))
    await sleep(5)
    assert.deepEqual([hasBegun, received], [false, []])
    obey()
    await sleep(5)
    assert.equal(hasBegun, true)
    for (const text of [line('a') + line('b'), line('c')]) {
      write(text)
      await sleep(5)
    }
    assert.deepEqual(received, ['a', 'b', 'c'])
    subscription.close()
    write(line('late'))
    obey()
    write(line('later'))
    await sleep(5)
    assert.deepEqual(received, ['a', 'b', 'c'])
  })

  it('that were not fetched in time are reported as lost', async () => {
    const { thread, obey, write } = fakeThread()
    let lost = 0
    let received = 0
    const receiver = {
      messages: (chunk: Buffer) => {
        received += names(chunk).length
      },
      lost: (counts: ClassCounts) => {
        lost += sumOf(counts)
      },
      isFull: false,
    }
    const subscription = new EventStream(thread).open(receiver)
    obey()
    for (let i = 0; i < 40; i++) write(line('x'.repeat(2 ** 20)))
    const deadline = performance.now() + 20_000
    while (received + lost < 40 && performance.now() < deadline) await sleep(10)
    assert.equal(received + lost, 40)
    assert.ok(lost > 0)
    subscription.close()
  })

  it('wait while the receiver is full', async () => {
    const { thread, obey, write } = fakeThread()
    const received: string[] = []
    const receiver = {
      messages: (chunk: Buffer) => void received.push(...names(chunk)),
      lost: () => assert.fail('nothing is lost'),
      isFull: true,
    }
    const subscription = new EventStream(thread).open(receiver)
    obey()
    await subscription.begun
    write(line('a'))
    await sleep(5)
    subscription.resume()
    await sleep(5)
    assert.deepEqual(received, [])
    receiver.isFull = false
    write(line('b'))
    await sleep(5)
    assert.deepEqual(received, [])
    subscription.resume()
    await sleep(5)
    write(line('c'))
    await sleep(5)
    assert.deepEqual(received, ['a', 'b', 'c'])
    subscription.close()
  })

  it('that cannot be encoded count as lost', async () => {
    const { thread, obey, write, failures } = fakeThread()
    const received: string[] = []
    let lost = 0
    const receiver = {
      messages: (chunk: Buffer) => void received.push(...names(chunk)),
      lost: (counts: ClassCounts) => {
        lost += sumOf(counts)
      },
      isFull: false,
    }
    const subscription = new EventStream(thread).open(receiver)
    obey()
    const broken = '{"process_exit":{"status":-1}}\n'
    write(line('a') + broken + line('b') + broken)
    await sleep(5)
    assert.deepEqual([received, lost], [['a', 'b'], 2])
    assert.match(failures.join(), /^convert an event for clients: encode integer: [^,]+$/)
    subscription.close()
  })
})
