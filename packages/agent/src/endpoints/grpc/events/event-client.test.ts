import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { type EventClass, eventClass } from '@tetragon-ts/outputs/queue'
import { LineBuffer } from '../../../reader/json/event-lines.ts'
import { ProcessOffsets } from '../../../reader/json/process-offsets.ts'
import { EventTap } from '../../../reader/outputs/event-tap.ts'
import { frameEnd, framePrefix } from '../../../reader/outputs/framing.ts'
import type { FrameBatch } from './client-queue.ts'
import { EventClient } from './event-client.ts'
import { EventHub } from './event-hub.ts'
import { EventStream, type EventThread } from './event-stream.ts'

const codec = codecOf(GetEventsResponse)
const limits = { events: 20, bytes: 2 ** 25 }

/** The client's end of a stream, which reads only on demand. */
class Port {
  isReading = true
  #client: EventClient | undefined
  /** Numbers of the received events; -n for a notice of n lost events. */
  readonly came: number[] = []

  write(messages: FrameBatch): boolean {
    const bytes = Buffer.alloc(framePrefix + messages.byteLength)
    messages.copy(bytes)
    for (let at = 0; at < bytes.length; at = frameEnd(bytes, at)) {
      const event = codec.decode(bytes.subarray(at + framePrefix, frameEnd(bytes, at)))
      const lost = event.rate_limit_info?.number_of_dropped_process_events
      this.came.push(lost === undefined ? (event.process_exec?.process?.pid ?? 0) : -Number(lost))
    }
    return this.isReading
  }

  open(hub: EventHub): { read(): void; close(): void } {
    const client = new EventClient({}, this, limits, 'node')
    this.#client = client
    const subscription = hub.add(client)
    return {
      read: () => {
        this.isReading = true
        this.#client?.onDrain()
        subscription.resume()
      },
      close: subscription.close,
    }
  }

  /** Received events, and events reported as missing. */
  get accounted(): number {
    return this.came.reduce((sum, each) => sum + (each < 0 ? -each : 1), 0)
  }
}

function makeAgent() {
  const thread: EventThread = { onEvents: undefined, stream: (memory) => tap.stream(memory) }
  const tap = new EventTap(new ProcessOffsets(), () => thread.onEvents?.(), assert.fail)
  const hub = new EventHub(new EventStream(thread), (error) => assert.fail(String(error)))
  let made = 0
  /** Creates events of a given size. */
  const make = async (
    count: number,
    size: number,
    classOf = (_: number): EventClass => eventClass.process,
  ): Promise<void> => {
    const text = 'x'.repeat(size)
    for (let i = 0; i < count; i++) {
      const out = new LineBuffer()
      out.latin1(`{"process_exec":{"process":{"pid":${++made},"arguments":"${text}"}}}\n`)
      out.endLine(classOf(made))
      tap.write(out)
      if (i % 8 === 0) await sleep(0)
    }
    await sleep(20)
  }
  return { hub, make }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await sleep(5)
  assert.ok(condition())
}

/** Events are in order. */
function checkOrder(came: readonly number[]): void {
  const events = came.filter((each) => each > 0)
  assert.deepEqual(
    events,
    events.toSorted((a, b) => a - b),
  )
}

describe('a client', () => {
  it('that stops for a while misses no event that fits into the ring', async () => {
    const { hub, make } = makeAgent()
    const port = new Port()
    const stream = port.open(hub)
    await make(10, 100)
    port.isReading = false
    await make(300, 1000)
    assert.ok(port.came.length < 100)
    stream.read()
    await until(() => port.accounted === 310)
    assert.ok(port.came.every((each) => each > 0))
    checkOrder(port.came)
    stream.close()
  })

  it('that stops for longer gets the number of missed events', async () => {
    const { hub, make } = makeAgent()
    const port = new Port()
    const stream = port.open(hub)
    port.isReading = false
    await make(60, 2 ** 20)
    stream.read()
    await until(() => port.accounted === 60)
    await make(5, 100)
    await until(() => port.accounted === 65)
    assert.ok(port.came.some((each) => each < 0))
    checkOrder(port.came)
    stream.close()
  })

  it('that stops misses its own events, and others miss none', async () => {
    const { hub, make } = makeAgent()
    const [slow, quick] = [new Port(), new Port()]
    const [slowStream, quickStream] = [slow.open(hub), quick.open(hub)]
    slow.isReading = false
    await make(200, 100)
    await until(() => quick.came.length === 200)
    slowStream.read()
    await make(1, 100)
    await until(() => slow.accounted === 201)
    assert.ok(slow.came.some((each) => each < 0))
    checkOrder(slow.came)
    quickStream.close()
    slowStream.close()
  })

  it('that stops for longer misses hook events only', async () => {
    const { hub, make } = makeAgent()
    const port = new Port()
    const stream = port.open(hub)
    port.isReading = false
    const isProcess = (number: number): boolean => number % 10 === 0
    const classOf = (number: number): EventClass =>
      isProcess(number) ? eventClass.process : eventClass.hook
    // Hook events of 60 MB, and processes of 6 MB.
    await make(660, 100_000, classOf)
    stream.read()
    await until(() => port.accounted === 660)
    assert.equal(port.came.filter((each) => each > 0 && isProcess(each)).length, 66)
    assert.ok(port.came.some((each) => each < 0))
    checkOrder(port.came)
    stream.close()
  })
})
