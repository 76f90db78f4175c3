import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LineQueue } from './line-queue.ts'

const lossLine = (lost: number): Buffer => Buffer.from(`lost ${lost}\n`)

function add(queue: LineQueue, ...lines: string[]): void {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  queue.add(bytes, 0, bytes.length, lines.length)
}

/** Takes everything, `step` bytes at a time. */
function drain(queue: LineQueue, step = 1): { readonly text: string; readonly lines: number } {
  let text = ''
  let lines = 0
  for (let chunk = queue.first; chunk; chunk = queue.first) {
    const count = Math.min(step, chunk.to - chunk.from)
    text += chunk.bytes.toString('utf8', chunk.from, chunk.from + count)
    lines += queue.consume(count)
  }
  return { text, lines }
}

describe('a queue of lines', () => {
  it('returns lines in order, in parts of any size', () => {
    const queue = new LineQueue(100, lossLine)
    add(queue, 'a', 'bc')
    add(queue, 'd')
    assert.equal(queue.size, 7)
    assert.deepEqual(drain(queue, 2), { text: 'a\nbc\nd\n', lines: 3 })
    assert.deepEqual([queue.size, queue.isEmpty, queue.lost], [0, true, 0])
  })

  it('takes no more than its limit, and reports a loss where the lines would have been', () => {
    const queue = new LineQueue(10, lossLine)
    add(queue, 'aaaa', 'bbbb', 'cccc')
    add(queue, 'd')
    assert.deepEqual([queue.size, queue.lost], [10, 2])
    assert.deepEqual(drain(queue), { text: 'aaaa\nbbbb\n', lines: 2 })
    add(queue, 'e')
    assert.deepEqual(drain(queue), { text: 'lost 2\ne\n', lines: 1 })
  })

  it('takes lines again when half of it is free', () => {
    const queue = new LineQueue(8, lossLine)
    add(queue, 'a', 'b', 'c', 'd', 'e')
    queue.consume(2)
    add(queue, 'f')
    assert.equal(queue.lost, 2)
    queue.consume(2)
    add(queue, 'g')
    assert.match(drain(queue).text, /^c\nd\nlost 2\n/)
  })

  it('keeps large buffers instead of copying them, and reuses their memory', () => {
    const queue = new LineQueue(1 << 22, lossLine)
    const large = Buffer.alloc(1 << 20, `${'x'.repeat(1023)}\n`)
    add(queue, 'a')
    const next = queue.addBuffer(large, large.length, 1024)
    assert.notEqual(next, undefined)
    assert.notEqual(next, large)
    assert.equal(queue.addBuffer(Buffer.from('b\n'), 2, 1), undefined)
    const chunks = queue.take(9)
    assert.deepEqual(
      chunks.map(({ from, to, lines }) => [to - from, lines]),
      [
        [2, 1],
        [1 << 20, 1024],
        [2, 1],
      ],
    )
    assert.equal(chunks[1].bytes, large)
    for (const chunk of chunks) queue.release(chunk)
    assert.equal(queue.addBuffer(large, large.length, 1024), chunks[2].bytes)
  })

  it('counts the lines of a large buffer that does not fit', () => {
    const queue = new LineQueue(700_000, lossLine)
    const large = Buffer.alloc(1 << 20, `${'x'.repeat(1023)}\n`)
    assert.equal(queue.addBuffer(large, large.length, 1024), undefined)
    assert.equal(queue.lost, 1024 - Math.floor(700_000 / 1024))
  })

  it('counts what is dropped, and reports again what a dropped line reported', () => {
    const queue = new LineQueue(100, lossLine)
    queue.lose(2)
    add(queue, 'a', 'b')
    queue.consume(3)
    queue.clear()
    assert.deepEqual([queue.lost, queue.size], [4, 0])
    queue.reportLoss()
    assert.deepEqual(drain(queue), { text: 'lost 4\n', lines: 0 })
  })

  it('counts everything: lines out and lines lost are lines in', () => {
    const batches = fc.array(
      fc.record({
        lines: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 6 }),
        taken: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
      }),
    )
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 200 }), (all, limit) => {
        const queue = new LineQueue(limit, lossLine)
        let given = 0
        let out = ''
        let taken = 0
        for (const { lines, taken: steps } of all) {
          given += lines.length
          add(queue, ...lines.map((length) => 'x'.repeat(length)))
          assert.ok(queue.size <= limit + lossLine(given).length)
          for (const step of steps) {
            const chunk = queue.first
            if (chunk === undefined) break
            const count = Math.min(step, chunk.to - chunk.from)
            out += chunk.bytes.toString('utf8', chunk.from, chunk.from + count)
            taken += queue.consume(count)
          }
        }
        const rest = drain(queue, 7)
        out += rest.text
        assert.equal(taken + rest.lines + queue.lost, given)
        const found = out.split('\n').slice(0, -1)
        assert.equal(found.filter((line) => !line.startsWith('lost')).length, taken + rest.lines)
        for (const line of found) assert.match(line, /^(x*|lost \d+)$/)
      }),
    )
  })
})
