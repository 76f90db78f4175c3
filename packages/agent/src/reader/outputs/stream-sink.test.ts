import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sumOf } from '@tetragon-ts/outputs/queue'
import { hookLines } from '../testing/hook-lines.ts'
import { LineQueue } from './line-queue.ts'
import { SinkClosed } from './sink.ts'
import { StreamSink } from './stream-sink.ts'

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants
const queueLimit = 1 << 20
const lossLine = (lost: number): Buffer => Buffer.from(`lost ${lost}\n`)

describe('a stream', () => {
  let folder: string
  let reader: number
  let sink: StreamSink
  let given: number
  const warnings: string[] = []
  const observer = { warn: (message: string): void => void warnings.push(message) }

  beforeEach(() => {
    folder = mkdtempSync('/dev/shm/tetragon-stream-')
    const fifo = join(folder, 'fifo')
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
    reader = openSync(fifo, O_RDONLY | O_NONBLOCK)
    sink = open(openSync(fifo, O_WRONLY | O_NONBLOCK))
    given = 0
    warnings.length = 0
  })
  afterEach(() => {
    sink.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function open(fd: number): StreamSink {
    const queue = new LineQueue(queueLimit, lossLine)
    return new StreamSink({ fd, isSocket: false, isOwned: true }, queue, observer)
  }

  /** Writes lines that are numbered from 0. */
  function write(count: number, size = 1000): void {
    const lines = Array.from({ length: count }, () => `${given++} `.padEnd(size, 'x'))
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    sink.write(bytes, bytes.length, hookLines(bytes.length, count))
  }

  /** Current content of the pipe. */
  function read(): string {
    const bytes = Buffer.alloc(1 << 20)
    try {
      return bytes.toString('utf8', 0, readSync(reader, bytes))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN')
      return ''
    }
  }

  /** Reads until the queue of the sink is empty. */
  async function readAll(): Promise<string> {
    let text = ''
    while (sink.queuedBytes > 0) {
      text += read()
      await sleep(sink.rest)
      sink.proceed()
    }
    return text + read()
  }

  it('is written at once while its receiver reads', () => {
    write(3)
    assert.deepEqual([sink.writtenEvents, sink.queuedBytes], [3, 0])
    assert.equal(read().split('\n').length, 4)
    assert.equal(sink.rest, Number.POSITIVE_INFINITY)
  })

  it('that is full never blocks; nothing is lost as long as the queue has room', async () => {
    for (let i = 0; i < 10; i++) write(50)
    assert.ok(sink.queuedBytes > 0)
    assert.ok(sink.writtenEvents < 100)
    const lines = (await readAll()).split('\n').slice(0, -1)
    assert.deepEqual(
      lines.map((line) => Number.parseInt(line, 10)),
      Array.from({ length: 500 }, (_, i) => i),
    )
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents)], [500, 0])
  })

  it('that stays full loses whole lines, with their number in their place', async () => {
    for (let i = 0; i < 40; i++) write(100)
    assert.ok(sink.queuedBytes <= queueLimit)
    const lostEvents = sumOf(sink.lostEvents)
    assert.ok(lostEvents > 0)
    const before = (await readAll()).split('\n').slice(0, -1)
    write(2)
    const after = (await readAll()).split('\n').slice(0, -1)
    assert.equal(before.length + lostEvents, 4000)
    for (const line of before) assert.equal(line.length, 1000)
    assert.deepEqual([after.length, after[0]], [3, `lost ${lostEvents}`])
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents)], [before.length + 2, lostEvents])
  })

  it('is tried occasionally, less often while nothing is read', async () => {
    write(200)
    let longest = 0
    while (longest <= 32) {
      await sleep(sink.rest)
      sink.proceed()
      longest = Math.max(longest, sink.rest)
    }
    assert.ok(longest <= 64)
  })

  it('ends when its receiver is gone', () => {
    closeSync(reader)
    assert.throws(() => write(1), SinkClosed)
  })

  it('that fails is tried again, and logged once', async () => {
    sink.close()
    sink = open(openSync('/dev/full', O_WRONLY | O_NONBLOCK))
    write(2)
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents)], [0, 2])
    write(1)
    while (sink.queuedBytes > 0) {
      await sleep(sink.rest)
      sink.proceed()
    }
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents)], [0, 3])
    assert.deepEqual(warnings.length, 1)
    assert.match(warnings[0], /^write events: ENOSPC/)
  })
})
