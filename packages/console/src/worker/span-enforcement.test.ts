import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { EventStore } from '../store/event-store.ts'
import { describeEvent } from './describe-event.ts'
import { SpanEnforcementCounter } from './span-enforcement.ts'

const codec = codecOf(GetEventsResponse)
const noPause = () => Promise.resolve()

/** Keeps refusals, which are seconds since 1970. */
class Console {
  readonly store: EventStore
  readonly counter: SpanEnforcementCounter

  readonly #lineSize: number

  /** @param lineSize characters of a line: a segment of one event, or of many */
  constructor(eventsMax = 1000, lineSize = 1 << 20) {
    this.#lineSize = lineSize
    this.store = new EventStore(eventsMax, 1e9)
    this.counter = new SpanEnforcementCounter(this.store, 10)
  }

  refuse(second: number): void {
    const enforcement = [{ action: 'Override', means: 'lsm', done: true }]
    this.#take(second, { process_lsm: { process: { pid: 1 }, enforcement } })
  }

  start(second: number): void {
    this.#take(second, { process_exec: { process: { pid: 1 } } })
  }

  #take(second: number, content: GetEventsResponse): void {
    const time = new Date(second * 1000).toISOString()
    const { event, ...described } = describeEvent(codec.encode({ ...content, time }), 0)
    const line = described.line.padEnd(this.#lineSize)
    this.store.add({ ...described, line })
    if (event) this.counter.see(event, described.time)
  }

  get counts(): readonly [count: number | undefined, isCounting: boolean | undefined] {
    const { groups, isCounting } = this.counter.summary ?? {}
    return [groups?.[0]?.count, isCounting]
  }
}

test('kept events of the span are counted, and later ones when they arrive', async () => {
  const own = new Console()
  for (const second of [1, 2, 3, 4]) own.refuse(second)
  own.start(2)
  assert.equal(own.counter.summary, undefined)
  await own.counter.count({ from: 2000, to: 4000 }, noPause)
  assert.deepEqual(own.counts, [2, false])
  const { groups, missingUntil, since } = own.counter.summary!
  assert.deepEqual([groups[0].first, groups[0].last, since], [2000, 3000, 2000])
  assert.equal(missingUntil, undefined)
  own.refuse(3)
  own.refuse(4)
  assert.deepEqual(own.counts, [3, false])
  await own.counter.count(undefined, noPause)
  assert.equal(own.counter.summary, undefined)
})

test('events that arrive while kept ones are counted are counted once', async () => {
  const own = new Console()
  own.refuse(1)
  own.refuse(2)
  let isFirst = true
  await own.counter.count({ from: 0, to: 9000 }, async () => {
    if (isFirst) own.refuse(3)
    isFirst = false
    assert.equal(own.counts[1], true)
  })
  assert.deepEqual(own.counts, [3, false])
})

test('the count ends, and is right, while events arrive in the segment that is counted', async () => {
  const own = new Console(1000, 0)
  for (const second of [1, 2, 3]) own.refuse(second)
  let arrived = 0
  await own.counter.count({ from: 0, to: 9000 }, async () => {
    if (arrived < 50) own.refuse(4)
    assert.ok(++arrived < 1000, 'it never ends')
  })
  // A pause for the segment, and one for each event of it.
  assert.equal(arrived, 4)
  assert.deepEqual(own.counts, [7, false])
})

test('another span ends the count before', async () => {
  const own = new Console()
  for (const second of [1, 2, 3]) own.refuse(second)
  let next: Promise<void> | undefined
  await own.counter.count({ from: 0, to: 9000 }, async () => {
    next ??= own.counter.count({ from: 2000, to: 3000 }, noPause)
  })
  await next
  assert.deepEqual(own.counts, [1, false])
  const { span } = own.counter.summary!
  assert.deepEqual(span, { from: 2000, to: 3000 })
})

test('the same span is not counted twice', async () => {
  const own = new Console()
  own.refuse(1)
  const span = { from: 0, to: 9000 }
  await own.counter.count(span, noPause)
  await own.counter.count(span, () => assert.fail('it counts again'))
  assert.deepEqual(own.counts, [1, false])
})

test('events of the span that were dropped before they were counted are reported', async () => {
  const own = new Console(3)
  for (const second of [1, 2, 3, 4, 5]) own.refuse(second)
  assert.equal(own.store.droppedUntil, 2000)
  await own.counter.count({ from: 3000, to: 9000 }, noPause)
  assert.equal(own.counter.summary?.missingUntil, undefined)
  await own.counter.count({ from: 0, to: 1500 }, noPause)
  assert.equal(own.counter.summary?.missingUntil, 1500)
  await own.counter.count({ from: 0, to: 9000 }, noPause)
  assert.equal(own.counter.summary?.missingUntil, 2000)
  own.refuse(6)
  assert.equal(own.counter.summary?.missingUntil, 2000)
  assert.deepEqual(own.counts, [4, false])
})

test('events that are dropped while others are counted are reported', async () => {
  const own = new Console(3)
  for (const second of [1, 2, 3]) own.refuse(second)
  let isFirst = true
  await own.counter.count({ from: 0, to: 9000 }, async () => {
    for (const second of isFirst ? [4, 5] : []) own.refuse(second)
    isFirst = false
  })
  // The first two were dropped, and only they.
  assert.equal(own.counter.summary?.missingUntil, 2000)
  assert.deepEqual(own.counts, [3, false])
})
