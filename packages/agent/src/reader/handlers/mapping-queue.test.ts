import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mapping, MappingObserver } from '@tetragon-ts/ebpf/perf-ring'
import { type Item, type MappedItem, MappingQueue, type MappingSource } from './mapping-queue.ts'

const file = { major: 8, minor: 1, inode: 5n }

function mappingAt(time: number, known: Partial<Mapping> = { file }): Mapping {
  return { pid: 1, tid: 1, time: BigInt(time), address: 0n, length: 1n, ...noFile, ...known }
}

const noFile = { path: Buffer.from('/x'), buildId: undefined, file: undefined }

/** Rings that give these records, one list for each read. */
class Rings implements MappingSource {
  readonly isBusy = false
  isClosed = false
  complete = Number.POSITIVE_INFINITY
  readonly #reads: ((observer: MappingObserver) => void)[]

  constructor(...reads: ((observer: MappingObserver) => void)[]) {
    this.#reads = reads
  }

  read(observer: MappingObserver): number {
    this.#reads.shift()?.(observer)
    return this.complete
  }

  readAll(observer: MappingObserver): void {
    for (const read of this.#reads.splice(0)) read(observer)
  }

  followCpus(): void {}

  close(): void {
    this.isClosed = true
  }
}

const processes = { end: 0, hasReached: (_end: number) => true }
const queueOf = (rings: Rings, ring = processes): MappingQueue =>
  new MappingQueue(rings, ring, () => undefined)

function takeRound(queue: MappingQueue): number[] {
  queue.refill()
  const times: number[] = []
  for (let item = queue.take(); item; item = queue.take()) times.push(item.time)
  return times
}

test('records of all CPUs are in the order of their times; newer ones wait', () => {
  const rings = new Rings(
    ({ mapped }) => {
      mapped(mappingAt(30))
      mapped(mappingAt(10))
    },
    ({ mapped, executing }) => {
      executing(1, 20n)
      mapped(mappingAt(40))
    },
  )
  const queue = queueOf(rings)
  assert.deepEqual(takeRound(queue), [10, 20, 30])
  assert.ok(queue.isBusy)
  assert.deepEqual(takeRound(queue), [40])
  assert.ok(!queue.isBusy)
})

test('what may be preceded by unread records waits', () => {
  const rings = new Rings(({ mapped }) => {
    mapped(mappingAt(30))
    mapped(mappingAt(10))
  })
  rings.complete = 10
  const queue = queueOf(rings)
  assert.deepEqual(takeRound(queue), [10])
  rings.complete = 100
  assert.deepEqual(takeRound(queue), [30])
})

test('records of processes come first', () => {
  let reached = false
  const ring = { end: 7, hasReached: (end: number) => end !== 7 || reached }
  const queue = queueOf(new Rings(({ mapped }) => mapped(mappingAt(1))), ring)
  queue.refill()
  assert.equal(queue.take(), undefined)
  queue.refill()
  reached = true
  assert.equal(queue.take()?.time, 1)
})

test('memory without a file is omitted, losses are counted', () => {
  const rings = new Rings(({ mapped, lost }) => {
    mapped(mappingAt(1, {}))
    mapped(mappingAt(1, { path: Buffer.from('//anon') }))
    mapped(mappingAt(2, { buildId: Buffer.from('id') }))
    mapped(mappingAt(3, { path: Buffer.from('//toolong') }))
    lost(3, 50n)
  })
  const queue = queueOf(rings)
  assert.deepEqual(takeRound(queue), [2, 3])
  assert.deepEqual([queue.received, queue.lost, queue.lostAt], [2, 3, 50])
})

test('the end returns everything in order', () => {
  const rings = new Rings(
    ({ mapped }) => mapped(mappingAt(20)),
    () => {},
    ({ mapped }) => mapped(mappingAt(25)),
    ({ mapped }) => mapped(mappingAt(5)),
  )
  const queue = queueOf(rings)
  queue.refill()
  queue.putBack(queue.take() as MappedItem)
  const times = queue.takeAll().map(({ time }: Item) => time)
  assert.deepEqual(times, [5, 20, 25])
  assert.ok(rings.isClosed)
})
