import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Connection, type Receipt, SendError } from './connection.ts'
import { ArrivedEvent } from './events/event-filter.ts'
import { Output } from './output.ts'
import { eventClass, sumOf } from './queue/event-class.ts'
import { EventQueue } from './queue/event-queue.ts'
import type { QueuedEvent } from './queue/event-store.ts'
import { readOutput } from './specification.ts'
import { Changes } from './testing/changes.ts'
import { execLine } from './testing/lines.ts'

type Answer = (events: readonly QueuedEvent[], signal: AbortSignal) => Promise<Receipt>

/** A receiver that a test controls. */
class FakeConnection implements Connection {
  readonly batch = { events: 8, bytes: 1 << 20, linger: 0 }
  readonly accepted: string[] = []
  readonly sizes: number[] = []
  readonly changes = new Changes()
  isClosed = false
  /** What it does in each attempt; afterwards it accepts everything. */
  answers: Answer[] = []

  async send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt> {
    this.sizes.push(events.length)
    this.changes.note()
    const answer: Answer = this.answers.shift() ?? (async () => ({}))
    const receipt = await answer(events, signal)
    const others = [...(receipt.refused?.events ?? []), ...(receipt.again?.events ?? [])]
    for (const event of events) if (!others.includes(event)) this.accepted.push(numberOf(event))
    this.changes.note()
    return receipt
  }

  close(): void {
    this.isClosed = true
  }
}

/** A store of which nothing can be read. */
class HangingQueue extends EventQueue {
  override peek(): Promise<readonly QueuedEvent[]> {
    return new Promise(() => {})
  }
}

function numberOf({ line }: QueuedEvent): string {
  const event = JSON.parse(line.toString())
  return event.process_exec?.process.arguments ?? `lost ${event.lost}`
}

function never(_: unknown, signal: AbortSignal): Promise<Receipt> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

describe('an output', () => {
  let output: Output
  const connection = () => new FakeConnection()
  const warnings: string[] = []

  function open(
    to: FakeConnection,
    parameters = '',
    pauses = { min: 1, max: 2 },
    Queue = EventQueue,
  ): void {
    warnings.length = 0
    const specification = readOutput(`out=syslog+tcp://localhost:1${parameters}`)
    output = new Output({
      specification,
      connection: to,
      choice: () => true,
      store: new Queue(specification.values.queue, (lost) => {
        return Buffer.from(JSON.stringify({ lost }))
      }),
      warn: (message) => warnings.push(message),
      pauses,
    })
  }

  function add(...numbers: number[]): void {
    for (const each of numbers) {
      output.offer(new ArrivedEvent(execLine(each)), eventClass.process, Date.now())
    }
  }

  afterEach(() => output.finish(0))

  it('sends events in order until the receiver accepts them', async () => {
    const to = connection()
    to.answers = [
      () => Promise.reject(new Error('connect ECONNREFUSED')),
      () => Promise.reject(new SendError('again', 'busy', 1)),
    ]
    open(to)
    add(1, 2, 3)
    await to.changes.until(() => to.accepted.length === 3)
    assert.deepEqual(to.accepted, ['1', '2', '3'])
    await output.finish(1000)
    const { sent, retried, lost, failure, queued, lag } = output.status
    assert.deepEqual(
      { sent, retried, lost: sumOf(lost), failure, queued, lag },
      { sent: 3, retried: 6, lost: 0, failure: undefined, queued: 0, lag: 0 },
    )
    assert.deepEqual(warnings, [
      'output out failed: connect ECONNREFUSED',
      'output out works again',
    ])
  })

  it('has the reason of each address of a host', async () => {
    const to = connection()
    const errors = ['connect ECONNREFUSED ::1:1', 'connect ECONNREFUSED 127.0.0.1:1']
    const refused = new AggregateError(errors.map((each) => new Error(each)))
    to.answers = [() => Promise.reject(refused)]
    open(to)
    add(1)
    await to.changes.until(() => to.accepted.length === 1)
    assert.equal(warnings[0], `output out failed: ${errors.join(', ')}`)
  })

  it('reports reasons of a receiver in a line that a terminal can print', async () => {
    const hostile = `\x1b[2J\n${'x'.repeat(1 << 20)}`
    const to = connection()
    to.answers = [
      () => Promise.reject(new Error(hostile)),
      async (events) => ({ again: { events, reason: hostile } }),
      async (events) => ({ refused: { events, reason: hostile } }),
    ]
    open(to)
    add(1)
    await to.changes.until(() => to.answers.length === 0)
    await output.finish(1000)
    for (const text of [...warnings, String(output.status.refusal)]) {
      assert.match(text, /^[ -~]{0,300}$/)
    }
    assert.match(warnings[0], /^output out failed: \\x1b\[2J/)
    assert.equal(output.status.refused, 1)
  })

  it('ends an attempt without an answer', async () => {
    const to = connection()
    to.answers = [never]
    open(to, '?timeout=1ms')
    add(1)
    await to.changes.until(() => to.accepted.length === 1)
    assert.deepEqual(warnings[0], 'output out failed: no answer within 1 ms')
  })

  it('sends less at once if a batch is too large, and refuses an event that is', async () => {
    const to = connection()
    const tooLarge: Answer = async (events) => {
      if (events.some((event) => numberOf(event) === '2')) throw new SendError('too-large', '413')
      return {}
    }
    to.answers = Array(6).fill(tooLarge)
    open(to)
    add(1, 2, 3)
    await to.changes.until(() => to.accepted.length === 2)
    assert.deepEqual(to.accepted, ['1', '3'])
    await output.finish(1000)
    assert.equal(output.status.refused, 1)
    assert.equal(output.status.refusal, '413')
  })

  it('stays near the largest batch that a receiver takes', async () => {
    const to = connection()
    const most = 3
    const limited: Answer = async ({ length }) => {
      if (length > most) throw new SendError('too-large', '413')
      return {}
    }
    to.answers = Array(100).fill(limited)
    open(to)
    add(...Array.from({ length: 60 }, (_, index) => index))
    await to.changes.until(() => to.accepted.length === 60)
    const tooLarge = to.sizes.filter((size) => size > most).length
    const accepted = to.sizes.length - tooLarge
    assert.ok(tooLarge > 2 && tooLarge <= accepted / 2 + 1, `${to.sizes}`)
  })

  it('counts what the receiver refuses, and sends again what it could not take', async () => {
    const to = connection()
    to.answers = [
      async (events) => ({
        refused: { events: events.slice(0, 1), reason: 'mapping' },
        again: { events: events.slice(2), reason: '429' },
      }),
    ]
    open(to)
    add(1, 2, 3, 4)
    await to.changes.until(() => to.accepted.length === 3)
    assert.deepEqual(to.accepted, ['2', '3', '4'])
    await output.finish(1000)
    const { sent, refused, retried } = output.status
    assert.deepEqual({ sent, refused, retried }, { sent: 3, refused: 1, retried: 2 })
  })

  it('is not slowed down by one event that is never accepted', async () => {
    const to = connection()
    to.answers = Array(40).fill(async (events: readonly QueuedEvent[]) => ({
      again: { events: events.slice(0, 1), reason: 'no' },
    }))
    // Pauses that grew would take an hour.
    open(to, '', { min: 1, max: 3_600_000 })
    add(...Array(200).keys())
    await to.changes.until(() => to.accepted.length === 200)
  })

  it('sends the others at the end if one event is never accepted', async () => {
    const to = connection()
    to.answers = Array(40).fill(async (events: readonly QueuedEvent[]) => ({
      again: { events: events.filter((each) => numberOf(each) === '0'), reason: 'no' },
    }))
    open(to)
    add(...Array(100).keys())
    await output.finish(10_000)
    assert.deepEqual([output.status.sent, sumOf(output.status.lost)], [99, 1])
  })

  it('ends although its store does not respond', async () => {
    const to = connection()
    open(to, '', undefined, HangingQueue)
    add(1)
    await output.finish(1)
    assert.deepEqual([to.isClosed, sumOf(output.status.lost)], [true, 1])
  })

  it('stays bounded while the receiver is away, and says what it lost', async () => {
    const to = connection()
    let back = (_: Receipt): void => {}
    to.answers = [() => new Promise((resolve) => (back = resolve))]
    open(to, '?queue=16K')
    add(...Array(1000).keys())
    await to.changes.until(() => to.sizes.length === 1)
    const { queuedBytes, lost } = output.status
    assert.ok(queuedBytes <= 16 << 10, `${queuedBytes}`)
    const kept = 1000 - sumOf(lost)
    back({})
    await to.changes.until(() => to.accepted.length === kept)
    add(1000)
    await to.changes.until(() => to.accepted.includes('1000'))
    assert.deepEqual(to.accepted.slice(-2), [`lost ${sumOf(lost)}`, '1000'])
  })

  it('ends in time, and counts what it could not send as lost', async () => {
    const to = connection()
    to.answers = [never]
    open(to)
    add(1, 2)
    await output.finish(5)
    assert.equal(sumOf(output.status.lost), 2)
    assert.equal(to.isClosed, true)
  })
})
