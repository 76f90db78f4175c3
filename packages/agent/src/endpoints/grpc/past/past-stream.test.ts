import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { codecOf, type GetEventsRequest, GetEventsResponse } from '@tetragon-ts/api'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { Semaphore } from '@tetragon-ts/service/queue'
import { framed, frameEnd, framePrefix } from '../../../reader/outputs/framing.ts'
import type { FrameBatch } from '../events/client-queue.ts'
import { EventClient } from '../events/event-client.ts'
import { StreamedEvent } from '../events/streamed-event.ts'
import { PastStream } from './past-stream.ts'

const codec = codecOf(GetEventsResponse)
const start = Date.parse('2026-01-31T12:00:00Z')
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  path = join(folder, 'events.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The nth event, one for each second. */
function event(n: number): GetEventsResponse {
  return {
    process_exec: { process: { pid: n, binary: n % 2 === 0 ? '/even' : '/odd' } },
    time: new Date(start + n * 1000).toISOString(),
  }
}

function live(n: number): StreamedEvent {
  const bytes = framed(codec.encode(event(n)))
  return new StreamedEvent(bytes, 0, bytes.length, eventClass.process)
}

const lines = (...numbers: readonly number[]) =>
  numbers.map((n) => `${JSON.stringify(event(n))}\n`).join('')

/** A client that reads slowly. */
class Reader {
  readonly came: number[] = []
  /** Hits of hooks by pid. */
  readonly hits: Record<number, number> = {}
  keptSince: string | undefined
  lost = 0
  readonly client: EventClient

  constructor(request: GetEventsRequest = {}, events = 20) {
    this.client = new EventClient(request, this, { events, bytes: 2 ** 20 }, 'node')
  }

  write(messages: FrameBatch): boolean {
    const bytes = Buffer.alloc(framePrefix + messages.byteLength)
    messages.copy(bytes)
    for (let at = 0; at < bytes.length; at = frameEnd(bytes, at)) {
      const read = codec.decode(bytes.subarray(at + framePrefix, frameEnd(bytes, at)))
      this.lost += Number(read.rate_limit_info?.number_of_dropped_process_events ?? 0)
      this.keptSince ??= read.kept_since
      const { pid } = read.process_exec?.process ?? {}
      if (pid !== undefined) this.came.push(pid)
      const hook = read.process_kprobe?.process?.pid
      if (hook !== undefined) this.hits[hook] = Number(read.aggregation_info?.count ?? 1)
    }
    setImmediate(() => this.client.onDrain())
    return false
  }
}

/** @param since number of the first event */
async function read(
  reader: Reader,
  since: number,
  goLive: (past: PastStream) => void = () => {},
  isKept = true,
): Promise<PastStream> {
  const source = isKept ? { path, flushed: async () => {} } : undefined
  const past = new PastStream(reader.client, source, start + since * 1000, new Semaphore(1))
  await past.send('node', async () => goLive(past))
  await reader.client.emptied()
  return past
}

const to = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => from + i)

test('the past from a time on, and since when it is kept', async () => {
  writeFileSync(path, lines(...to(10, 20)))
  const reader = new Reader()
  await read(reader, 15)
  assert.deepEqual(reader.came, to(15, 20))
  assert.equal(reader.keptSince, '2026-01-31T12:00:10Z')
})

test('the start of a process that ran before the agent is not the start of the past', async () => {
  const running = { ...event(1), process_exec: { process: { pid: 1, flags: 'procFS auid' } } }
  writeFileSync(path, `${JSON.stringify(running)}\n${lines(10)}`)
  const reader = new Reader()
  await read(reader, 0)
  assert.equal(reader.keptSince, '2026-01-31T12:00:10Z')
  assert.deepEqual(reader.came, [1, 10])
})

test('a client that reads slowly loses nothing', async () => {
  writeFileSync(path, lines(...to(0, 3000)))
  const reader = new Reader({}, 8)
  await read(reader, 0)
  assert.deepEqual(reader.came, to(0, 3000))
  assert.equal(reader.lost, 0)
})

test('a backup that is removed before it is read is reported as a loss', async () => {
  const backup = (minute: string) => join(folder, `events-2026-01-31T12-${minute}-00.000.json`)
  writeFileSync(backup('01'), lines(...to(0, 3)))
  writeFileSync(backup('02'), lines(...to(3, 6)))
  writeFileSync(path, lines(...to(6, 9)))
  const reader = new Reader()
  const write = reader.write.bind(reader)
  reader.write = (messages) => {
    const accepts = write(messages)
    // By the rotation, while the first one is sent.
    if (reader.came.length > 0) rmSync(backup('02'), { force: true })
    return accepts
  }
  await read(reader, 0)
  assert.deepEqual([reader.came, reader.lost], [[...to(0, 3), ...to(6, 9)], 1])
})

test('live events follow without gap and without repetition', async () => {
  writeFileSync(path, lines(...to(0, 10)))
  const reader = new Reader()
  const past = await read(reader, 0, (stream) => {
    // Those of the ring are older than the subscription; the file gets the newer ones, too.
    for (const n of to(8, 12)) stream.offer(live(n))
    appendFileSync(path, lines(...to(10, 13)))
  })
  for (const n of to(12, 16)) past.offer(live(n))
  await reader.client.emptied()
  assert.deepEqual(reader.came, to(0, 16))
})

test('filters apply to the past', async () => {
  writeFileSync(path, lines(...to(0, 6)))
  const reader = new Reader({ allow_list: [{ binary_regex: ['^/odd$'] }] })
  await read(reader, 0)
  assert.deepEqual(reader.came, [1, 3, 5])
})

test('aggregated events are complete at the end of the past', async () => {
  const hit = (n: number) => {
    const process = { pid: n, exec_id: String(n) }
    return { process_kprobe: { process, function_name: 'f' }, time: event(1).time }
  }
  writeFileSync(path, [1, 2, 1].map((n) => `${JSON.stringify(hit(n))}\n`).join(''))
  const reader = new Reader({ aggregation_options: { window_size: '3600s' } })
  await read(reader, 0)
  assert.deepEqual(reader.hits, { 1: 2, 2: 1 })
  reader.client.close()
})

test('broken and unknown lines are skipped', async () => {
  writeFileSync(path, `${lines(1)}{"process_exec":\n{"unknown":{}}\n\n${lines(2)}`)
  const reader = new Reader()
  await read(reader, 0)
  assert.deepEqual(reader.came, [1, 2])
})

test('without an export file there is no past, and live events come', async () => {
  const before = Date.now()
  const reader = new Reader()
  const past = await read(reader, 0, () => {}, false)
  past.offer(live(1))
  await reader.client.emptied()
  assert.deepEqual(reader.came, [1])
  assert.ok(Date.parse(reader.keptSince ?? '') >= before)
})

test('a client that leaves ends the reading', async () => {
  writeFileSync(path, lines(...to(0, 3000)))
  const reader = new Reader({}, 8)
  const past = new PastStream(
    reader.client,
    { path, flushed: async () => {} },
    start,
    new Semaphore(1),
  )
  const sent = past.send('node', () => assert.fail('it has left'))
  past.close()
  await sent
  assert.deepEqual(reader.came, [])
})

test('live events beyond the limit are counted as lost', async () => {
  writeFileSync(path, lines(0))
  const reader = new Reader({}, 100_000)
  const big = { ...event(1), process_exec: { process: { pid: 1, arguments: 'x'.repeat(2 ** 20) } } }
  const bytes = framed(codec.encode(big))
  await read(reader, 0, (stream) => {
    for (let i = 0; i < 20; i++) {
      stream.offer(new StreamedEvent(bytes, 0, bytes.length, eventClass.process))
    }
  })
  assert.ok(reader.lost > 0)
})
