import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addCounts, noCounts, sumOf } from '@tetragon-ts/outputs/queue'
import { linesOf } from '../json/event-lines.ts'
import { hookLines } from '../testing/hook-lines.ts'
import { FileSink, type LineTarget } from './file-sink.ts'
import { LineQueue, type LineRange } from './line-queue.ts'
import { SinkClosed } from './sink.ts'

const lossLine = (lost: number): Buffer => Buffer.from(`lost ${lost}\n`)

/** A file system that responds only when it is allowed to. */
class SlowTarget implements LineTarget {
  text = ''
  writtenEvents = 0
  writtenBytes = 0
  readonly lostEvents = noCounts()
  isClosed = false
  closes = 0
  respond: () => void = () => {}
  fails = false

  async append(ranges: readonly LineRange[]): Promise<number> {
    const lines = linesOf(ranges.flatMap(({ runs }) => runs))
    await new Promise<void>((resolve) => {
      this.respond = resolve
    })
    if (this.fails) {
      addCounts(this.lostEvents, lines)
      return sumOf(lines)
    }
    for (const { bytes, from, to } of ranges) {
      this.text += bytes.toString('utf8', from, to)
      this.writtenBytes += to - from
    }
    this.writtenEvents += sumOf(lines)
    return 0
  }

  close(): void {
    this.closes++
  }
}

function open(limit = 200) {
  const target = new SlowTarget()
  const sink = new FileSink(target, new LineQueue(limit, lossLine))
  const write = (...lines: string[]): void => {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    sink.write(bytes, bytes.length, hookLines(bytes.length, lines.length))
    sink.proceed()
    bytes.fill(0)
  }
  /** Lets the target respond until nothing is queued. */
  const finish = async (): Promise<void> => {
    while (sink.pending !== undefined) {
      target.respond()
      await Promise.race([sink.pending, new Promise(setImmediate)])
    }
  }
  return { target, sink, write, finish }
}

describe('a file that does not respond', () => {
  it('blocks nothing; lines wait for it in order', async () => {
    const { target, sink, write, finish } = open()
    write('a')
    write('b', 'c')
    assert.deepEqual([target.text, sink.writtenEvents], ['', 0])
    await finish()
    assert.deepEqual([target.text, sink.writtenEvents, sumOf(sink.lostEvents)], ['a\nb\nc\n', 3, 0])
  })

  it('says when the lines so far are written, whatever comes afterwards', async () => {
    const { target, sink, write, finish } = open()
    await sink.flushed()
    write('a')
    write('b')
    const flushed = sink.flushed().then(() => target.text)
    await finish()
    assert.equal(await flushed, 'a\nb\n')
    write('c')
    const closed = sink.flushed()
    sink.close()
    await closed
  })

  it('loses lines beyond the queue, with their number in their place', async () => {
    const { target, sink, write, finish } = open(60)
    write('a')
    write(...['b', 'c', 'd', 'e'].map((line) => line.repeat(9)))
    await finish()
    write('f')
    await finish()
    assert.equal(
      target.text,
      `a\n${'b'.repeat(9)}\n${'c'.repeat(9)}\n${'d'.repeat(9)}\nlost 1\nf\n`,
    )
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents)], [5, 1])
  })

  it('also reports lines that could not be written', async () => {
    const { target, sink, write, finish } = open()
    target.fails = true
    write('a', 'b')
    await finish()
    target.fails = false
    write('c')
    await finish()
    assert.equal(target.text, 'lost 2\nc\n')
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents)], [1, 2])
  })

  it('can be abandoned: lines that may be unwritten are lost', async () => {
    const { target, sink, write, finish } = open()
    write('a', 'b')
    write('c')
    sink.close()
    assert.deepEqual([sink.writtenEvents, sumOf(sink.lostEvents), target.closes], [0, 3, 0])
    assert.notEqual(sink.pending, undefined)
    await finish()
    assert.equal(target.closes, 1)
  })

  it('ends when its receiver is gone', () => {
    const { target, sink } = open()
    target.isClosed = true
    assert.throws(() => sink.proceed(), SinkClosed)
  })
})
