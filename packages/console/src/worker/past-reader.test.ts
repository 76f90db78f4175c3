import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import type { EventContent } from '../store/event-segment.ts'
import { EventStore } from '../store/event-store.ts'
import { frame, type StreamState, stateFrame } from '../stream/frames.ts'
import { StreamGaps } from '../summaries/stream-gaps.ts'
import { describeEvent } from './describe-event.ts'
import { PastReader } from './past-reader.ts'

const codec = codecOf(GetEventsResponse)
const start = Date.parse('2026-01-31T12:00:00Z')
const iso = (time: number) => new Date(time).toISOString()

/** The event with a number; two follow each other within a millisecond, at the same place. */
function eventOf(n: number): Uint8Array {
  const time = `${iso(start + (n >> 1) * 1000).slice(0, -1)}${n % 2}00Z`
  return codec.encode({ process_exec: { process: { exec_id: 'a', pid: 7 } }, time, node_name: 'n' })
}
const numberOf = (bytes: Uint8Array) => {
  const { time = '' } = codec.decode(bytes)
  return ((Date.parse(time) - start) / 1000) * 2 + Number(/\.\d{3}1/.test(time))
}
const to = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => from + i)

/** A page, and an agent that keeps events. */
class Page {
  readonly store: EventStore
  readonly gaps = new StreamGaps(10)
  readonly past: PastReader

  constructor(eventsMax = 1e6) {
    const store = new EventStore(eventsMax, 1e9)
    this.store = store
    const add = (event: EventContent) => void store.addPast(event)
    this.past = new PastReader({ store, gaps: this.gaps, add, end: () => {} })
  }

  live(...numbers: number[]): void {
    for (const n of numbers) {
      const event = describeEvent(eventOf(n), 0)
      if (this.past.seeLive(event)) this.store.add(event)
    }
  }

  get numbers(): number[] {
    return this.store.rows(0, 1e6).map(({ bytes }) => numberOf(bytes))
  }

  /** Reads a past with these events. @returns the time that was asked for */
  async read(
    kept: readonly (number | Uint8Array)[],
    keptSince: number,
    end?: StreamState,
  ): Promise<string> {
    const first = frame('event', codec.encode({ kept_since: iso(keptSince) }))
    const frames = kept.map((n) => frame('event', typeof n === 'number' ? eventOf(n) : n))
    return this.answer(Buffer.concat([first, ...frames, ...(end ? [stateFrame(end)] : [])]), 200)
  }

  async answer(body: BodyInit, status: number): Promise<string> {
    const { fetch } = globalThis
    let asked = ''
    globalThis.fetch = async (address) => {
      asked = String(address)
      return new Response(body, { status, headers: { 'content-type': 'text/plain' } })
    }
    await this.past.read('key').finally(() => {
      globalThis.fetch = fetch
    })
    return asked
  }
}

test('the past is before live events, and each event is there once', async () => {
  const page = new Page()
  page.past.beginConnection()
  page.live(6, 7)
  const asked = await page.read(to(0, 10), start)
  assert.equal(asked, '/api/past')
  // The file had them before they arrived.
  page.live(8, 9, 10)
  assert.deepEqual(page.numbers, [...to(0, 6), 8, 9, 6, 7, 10])
  assert.deepEqual(page.past.state, { isReading: false, events: 8, keptSince: start })
  assert.deepEqual(page.gaps.all, [])
})

test('what happened while the connection was lost is filled in, each event once', async () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(cuts, fc.nat(8), async (cuts, overlap) => {
      const [lost, back, end] = cuts.sort((a, b) => a - b)
      const page = new Page()
      page.past.beginConnection()
      await page.read([], start)
      page.live(...to(0, lost))
      page.past.beginConnection()
      page.live(...to(back, Math.min(back + overlap, end)))
      const asked = await page.read(to(0, end), start - 1000)
      assert.match(asked, /^\/api\/past\?since=2026-01-31T1\d:\d\d:\d\d\.000Z$/)
      page.live(...to(Math.min(back + overlap, end), end))
      assert.deepEqual(
        page.numbers.toSorted((a, b) => a - b),
        to(0, end),
      )
      assert.deepEqual(page.gaps.all, [])
    }),
    { numRuns: 50 },
  )
})

test('what the agent cannot give any more is a gap', async () => {
  const page = new Page()
  page.past.beginConnection()
  await page.read([], start)
  page.live(0)
  page.past.beginConnection()
  page.live(40)
  await page.read(to(20, 41), start + 10_000)
  assert.deepEqual(page.numbers, [0, ...to(20, 41)])
  const [{ from, to: until, lost, isUncounted }] = page.gaps.all
  assert.deepEqual([from, until, lost, isUncounted], [start, start + 10_000, 0, true])
})

test('a past that breaks off is a gap up to the live events', async () => {
  const page = new Page()
  page.past.beginConnection()
  page.live(40)
  await page.read(to(0, 5), start, { isConnected: false, reason: 'it restarts' })
  assert.equal(page.past.state?.problem, 'it restarts')
  const [{ from, to: until }] = page.gaps.all
  assert.deepEqual([from, until], [start + 2000, start + 20_000])
})

test('without a past the page says why, and only a later connection has a gap', async () => {
  const page = new Page()
  page.past.beginConnection()
  page.live(1)
  await page.answer('there is no past', 503)
  assert.deepEqual(page.past.state, { isReading: false, events: 0, problem: 'there is no past' })
  assert.deepEqual(page.gaps.all, [])
  page.past.beginConnection()
  page.live(9)
  await page.answer('there is no past', 503)
  const [{ from, to: until }] = page.gaps.all
  assert.deepEqual([from, until], [start, start + 4000])
})

test('a clock of the agent that was set back hides nothing', async () => {
  const page = new Page()
  page.past.beginConnection()
  await page.read([], start)
  page.live(1000, 1001, 0)
  page.past.beginConnection()
  page.live(6, 7, 30)
  const asked = await page.read([1000, 1001, 0, 1002, ...to(1, 10), 30], start)
  assert.equal(asked, `/api/past?since=${iso(start - 5000)}`)
  assert.deepEqual(page.numbers, [1000, 1001, 0, 1002, ...to(1, 6), 8, 9, 6, 7, 30])
})

test('reading ends at the events that arrive live', async () => {
  const page = new Page()
  page.past.beginConnection()
  page.live(...to(10, 30))
  await page.read(to(0, 40), start)
  assert.deepEqual(page.numbers, to(0, 30))
  assert.equal(page.past.state?.problem, undefined)
})

test('a page that lost its connection before the first event asks for the same again', async () => {
  const page = new Page()
  page.past.beginConnection()
  await page.read([], start)
  page.past.beginConnection()
  assert.equal(await page.read([0, 1], start), '/api/past')
  page.past.beginConnection()
  assert.equal(await page.read([0, 1, 2], start), `/api/past?since=${iso(start - 5000)}`)
  assert.deepEqual(page.numbers, [0, 1, 2])
})

test('reading ends where live events need the whole room', async () => {
  const page = new Page(20)
  page.past.beginConnection()
  page.live(...to(100, 120))
  await page.read(to(0, 50), start)
  assert.deepEqual(page.numbers, to(100, 120))
  const problem = 'the page has no room for more'
  assert.deepEqual(page.past.state, { isReading: false, events: 1, keptSince: start, problem })
  const [{ from, to: until }] = page.gaps.all
  assert.deepEqual([from, until], [start, start + 50_000])
})

test('events that cannot be decoded do not end a stream', async () => {
  const page = new Page()
  const broken = Uint8Array.of(0xff)
  page.past.beginConnection()
  await page.read([0, broken, broken, 2], start)
  assert.equal(page.past.state?.problem, undefined)
  assert.ok(page.past.seeLive(describeEvent(broken, start)))
  assert.equal(page.store.size, 4)
})
