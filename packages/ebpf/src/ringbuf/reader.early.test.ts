import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import {
  add,
  and,
  assemble,
  call,
  exit,
  helper,
  type Item,
  jump,
  jumpIf,
  label,
  load,
  loadMapFd,
  mod,
  mov,
  mul,
  place,
  programType,
  r0,
  r1,
  r2,
  r3,
  r4,
  r6,
  r7,
  r8,
  r9,
  r10,
  store,
} from '../asm/index.ts'
import { ringBuffer } from '../maps/index.ts'
import { createMap } from '../open-maps/index.ts'
import { loadProgram } from '../programs/index.ts'
import { testRun } from '../programs/test-run.ts'
import { Doorbell, Fd } from '../sys/index.ts'
import { RingBufferReader } from './reader.ts'

const RECORDS_PER_RUN = 64
/** The threads race on the host only: a guest has one processor, and is slow. */
const isGuest = process.env.TETRAGON_TEST_KERNEL !== undefined
/** Records of each thread, by the ring's bytes: the reader empties a small one once in a rest. */
const totals = isGuest
  ? [[1 << 14, 800]]
  : [
      [1 << 14, 20_000],
      [1 << 20, 200_000],
    ]
/** Size of the n-th record, as the program below computes it. */
const sizeOf = (sequence: number): number => 8 + ((sequence * 7) % 250)
const largest = 257

/**
 * Writes records {thread, sequence, filling} of changing size, and after every eighth one that is
 * discarded. Arguments: thread, first sequence number, how many. Result: how many were written,
 * fewer when the ring was full.
 */
function producerCode(ring: number): Uint8Array {
  const [loop, full, noDiscard, done] = ['loop', 'full', 'no discard', 'done'].map(label)
  const buffer = -264
  const clear: Item[] = [mov(r1, 0)]
  for (let at = buffer; at < 0; at += 8) clear.push(store(8, r10, at, r1))
  return assemble([
    load(8, r2, r1, 0),
    load(8, r6, r1, 8),
    load(8, r8, r1, 16),
    ...clear,
    store(4, r10, buffer, r2),
    mov(r7, 0),
    place(loop),
    jumpIf('ge', r7, RECORDS_PER_RUN, done),
    jumpIf('ge', r7, r8, done),
    mov(r9, r6),
    add(r9, r7),
    store(4, r10, buffer + 4, r9),
    mov(r3, r9),
    mul(r3, 7),
    mod(r3, 250),
    add(r3, 8),
    // The verifier of 5.10 does not see through the modulus.
    jumpIf('gt', r3, 258, full),
    mov(r2, r10),
    add(r2, buffer),
    loadMapFd(r1, ring),
    mov(r4, 0),
    call(helper.ringbuf_output),
    jumpIf('ne', r0, 0, full),
    add(r7, 1),
    and(r9, 7),
    jumpIf('ne', r9, 7, noDiscard),
    loadMapFd(r1, ring),
    mov(r2, 24),
    mov(r3, 0),
    call(helper.ringbuf_reserve),
    jumpIf('eq', r0, 0, noDiscard),
    mov(r1, r0),
    mov(r2, 0),
    call(helper.ringbuf_discard),
    place(noDiscard),
    jump(loop),
    place(full),
    place(done),
    mov(r0, r7),
    exit(),
  ]).bytes
}

interface ProducerData {
  readonly program: number
  readonly thread: number
  readonly total: number
  readonly pause: number
  readonly doorbell?: number
  readonly gate: Int32Array
}

function argumentsOf(...values: number[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values, BigInt).buffer)
}

/** Runs in a worker: writes all its records, trying again when the ring is full. */
function produce({ program, thread, total, pause, doorbell, gate }: ProducerData): void {
  Atomics.add(gate, 0, 1)
  Atomics.notify(gate, 0)
  Atomics.wait(gate, 1, 0)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause)
  const fd = new Fd(program)
  for (let sequence = 0; sequence < total; ) {
    const context = argumentsOf(thread, sequence, Math.min(RECORDS_PER_RUN, total - sequence))
    sequence += testRun(fd, 'produce', { context }).returnValue
  }
  if (doorbell !== undefined) new Doorbell(doorbell).ring()
}

/** Starts producers and lets all of them go at once when they stand ready. */
async function startProducers(data: Omit<ProducerData, 'gate' | 'thread'>, count: number) {
  const gate = new Int32Array(new SharedArrayBuffer(8))
  const workers = Array.from(
    { length: count },
    (_, thread) => new Worker(new URL(import.meta.url), { workerData: { ...data, thread, gate } }),
  )
  while (Atomics.load(gate, 0) < count) await new Promise((resolve) => setTimeout(resolve, 2))
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
  const ended = Promise.all(
    workers.map((it) => new Promise<number>((resolve) => it.once('exit', resolve))),
  )
  return { ended }
}

function openRing(size: number) {
  const ring = createMap(ringBuffer('test_ring', { size }))
  const program = loadProgram({
    type: programType.rawTracepoint,
    name: 'producer',
    code: producerCode(ring.fd.number),
  })
  return { ring, program }
}

if (isMainThread) {
  for (const [size, total] of totals) {
    test(`every record of two threads arrives in order, ring of ${size} bytes`, async () => {
      const { ring, program } = openRing(size)
      using reader = new RingBufferReader(ring.fd.number, size, undefined, largest)
      const data = { program: program.fd.number, total, pause: 0 }
      const { ended } = await startProducers(data, 2)
      const next = [0, 0]
      let bytes = 0
      while (next[0] < total || next[1] < total) {
        const read = reader.read((offset, length) => {
          const thread = reader.words[offset >>> 2]
          const sequence = reader.words[(offset >>> 2) + 1]
          if (sequence !== next[thread] || length !== sizeOf(sequence) || offset % 8 !== 0) {
            assert.deepEqual([thread, sequence, length], [thread, next[thread], sizeOf(sequence)])
          }
          next[thread]++
          bytes += length
        })
        if (read === 0) assert.notEqual(reader.wait(5000), 'timeout')
      }
      assert.deepEqual(await ended, [0, 0])
      // The remaining records may be discards.
      assert.equal(
        reader.read(() => {}),
        0,
      )
      const { records, discards, pending } = reader.statistics()
      assert.equal(records, 2 * total)
      assert.ok(discards > total / 5 && discards <= total / 4, `${discards} discards`)
      assert.equal(pending, 0)
      assert.ok(bytes > 4 * size, 'the ring went round several times')
      program.close()
      ring.close()
    })
  }

  test('an idle reader is woken by the first record, and by the doorbell', async () => {
    const size = 1 << 16
    const { ring, program } = openRing(size)
    using doorbell = new Doorbell()
    using reader = new RingBufferReader(ring.fd.number, size, doorbell)
    const data = { program: program.fd.number, total: 1, pause: 100 }
    const { ended } = await startProducers({ ...data, doorbell: doorbell.fd.number }, 1)
    let waits = 0
    // On a busy machine the record and the ring of the bell may come in one wait.
    let rang = false
    while (reader.read(() => {}) === 0) {
      const wakeup = reader.wait(5000)
      assert.notEqual(wakeup, 'timeout')
      rang ||= wakeup === 'doorbell'
      waits++
    }
    assert.ok(waits < 40, `${waits} waits: it slept instead of spinning`)
    while (!rang) {
      const wakeup = reader.wait(5000)
      assert.notEqual(wakeup, 'timeout')
      rang = wakeup === 'doorbell'
    }
    assert.deepEqual(await ended, [0])
    program.close()
    ring.close()
  })

  /**
   * How long one wait takes after a round that wrote and read this number of records of 16 bytes or
   * more.
   */
  function restAfter(
    reader: RingBufferReader,
    produce: (records: number) => void,
    records: number,
  ) {
    produce(records)
    assert.equal(
      reader.read(() => {}),
      records,
    )
    const before = performance.now()
    reader.wait(1000)
    return performance.now() - before
  }

  function producerOf({ program }: ReturnType<typeof openRing>) {
    return (records: number): void => {
      for (let first = 0; first < records; first += RECORDS_PER_RUN) {
        const count = Math.min(RECORDS_PER_RUN, records - first)
        const context = argumentsOf(0, first, count)
        assert.equal(program.testRun({ context }).returnValue, count)
      }
    }
  }

  test('rests grow while a little comes in, and are short when much does', () => {
    const size = 1 << 16
    const opened = openRing(size)
    using reader = new RingBufferReader(opened.ring.fd.number, size)
    const produce = producerOf(opened)
    const rests = [1, 1, 1, 1, 1].map((records) => restAfter(reader, produce, records))
    for (const [index, least] of [4, 8, 16, 32, 48].entries()) {
      assert.ok(rests[index] >= least - 1, `rest ${index}: ${rests[index]} ms`)
    }
    // 128 records and what is discarded between them take more than an eighth of the ring.
    const short = Math.min(...Array.from({ length: 10 }, () => restAfter(reader, produce, 128)))
    assert.ok(short >= 3 && short < rests[4], `${short} ms`)
    opened.program.close()
    opened.ring.close()
  })

  test('the doorbell ends a rest', async () => {
    const size = 1 << 16
    const opened = openRing(size)
    using doorbell = new Doorbell()
    using reader = new RingBufferReader(opened.ring.fd.number, size, doorbell)
    const produce = producerOf(opened)
    for (let round = 0; round < 4; round++) restAfter(reader, produce, 1)
    const data = { program: opened.program.fd.number, total: 0, pause: 5 }
    let end: string | undefined
    // A rest is over after 48 ms, which the producer may not have on a busy machine.
    for (let tries = 0; tries < 20 && end !== 'doorbell'; tries++) {
      produce(1)
      reader.read(() => {})
      const { ended } = await startProducers({ ...data, doorbell: doorbell.fd.number }, 1)
      end = reader.wait(1000)
      assert.deepEqual(await ended, [0])
    }
    assert.equal(end, 'doorbell')
    opened.program.close()
    opened.ring.close()
  })

  test('a limit stops early, a throwing callback counts its record as read', () => {
    const size = 1 << 14
    const { ring, program } = openRing(size)
    using reader = new RingBufferReader(ring.fd.number, size)
    assert.equal(program.testRun({ context: argumentsOf(0, 0, 6) }).returnValue, 6)
    const seen: number[] = []
    const callback = (offset: number) => void seen.push(reader.words[(offset >>> 2) + 1])
    assert.equal(reader.read(callback, 2), 2)
    assert.throws(
      () =>
        reader.read(() => {
          throw new Error('no')
        }),
      /^Error: no$/,
    )
    // A second reader continues where the first stopped: the position is in the kernel's memory.
    using second = new RingBufferReader(ring.fd.number, size)
    second.read((offset) => void seen.push(second.words[(offset >>> 2) + 1]))
    assert.deepEqual(seen, [0, 1, 3, 4, 5])
    program.close()
    ring.close()
  })

  test('a full ring refuses records until there is room again', () => {
    const size = 4096
    const { ring, program } = openRing(size)
    using reader = new RingBufferReader(ring.fd.number, size)
    let written = 0
    for (let now = -1; now !== 0; written += now) {
      now = program.testRun({ context: argumentsOf(0, written, 64) }).returnValue
    }
    assert.ok(written > 10)
    assert.ok(reader.pending > size - 300 && reader.pending <= size)
    assert.equal(
      reader.read(() => {}),
      written,
    )
    assert.equal(program.testRun({ context: argumentsOf(0, 0, 1) }).returnValue, 1)
    program.close()
    ring.close()
  })
} else {
  produce(workerData as ProducerData)
}
