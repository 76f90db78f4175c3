import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EventClass, eventClass, eventClasses, sumOf } from '@tetragon-ts/outputs/queue'
import fc from 'fast-check'
import { addLines, type LineRun, linesOf } from '../json/event-lines.ts'
import { hookLines } from '../testing/hook-lines.ts'
import { LineQueue } from './line-queue.ts'

const { hook, process, enforcement } = eventClass

const lossLine = (lost: number): Buffer => Buffer.from(`lost ${lost}\n`)

/** Adds lines of one class each. */
function addOf(queue: LineQueue, ...lines: (readonly [EventClass, string])[]): void {
  const bytes = Buffer.from(lines.map(([, line]) => `${line}\n`).join(''))
  const runs: LineRun[] = []
  let to = 0
  for (const [of, line] of lines) {
    to += line.length + 1
    addLines(runs, of, to)
  }
  queue.add(bytes, 0, runs)
}

function add(queue: LineQueue, ...lines: string[]): void {
  addOf(queue, ...lines.map((line) => [hook, line] as const))
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
    assert.deepEqual([queue.size, queue.isEmpty, sumOf(queue.lost)], [0, true, 0])
  })

  it('takes no more than its limit, and reports a loss where the lines would have been', () => {
    const queue = new LineQueue(20, lossLine)
    add(queue, 'aaaa', 'bbbb', 'cccc')
    add(queue, 'd')
    assert.deepEqual([queue.size, sumOf(queue.lost)], [10, 2])
    assert.deepEqual(drain(queue), { text: 'aaaa\nbbbb\n', lines: 2 })
    add(queue, 'e')
    assert.deepEqual(drain(queue), { text: 'lost 2\ne\n', lines: 1 })
  })

  it('takes lines of a class again when an eighth of its room is free', () => {
    const queue = new LineQueue(64, lossLine)
    add(queue, ...Array.from({ length: 17 }, () => 'a'))
    queue.consume(2)
    add(queue, 'b')
    assert.equal(sumOf(queue.lost), 2)
    queue.consume(2)
    add(queue, 'c')
    assert.match(drain(queue).text, /^(a\n){14}lost 2\nc\n$/)
  })

  it('loses hook events only, while it has room for others', () => {
    const queue = new LineQueue(80, lossLine)
    for (let i = 0; i < 30; i++)
      addOf(queue, [hook, 'h'], ...(i % 2 ? [] : [[process, 'p'] as const]))
    addOf(queue, [enforcement, 'e'])
    const [hooks, processes, enforcements] = queue.lost
    assert.ok(hooks > 0)
    assert.deepEqual([processes, enforcements], [0, 0])
    queue.reportLoss()
    const { text } = drain(queue)
    assert.equal(text.match(/p/g)?.length, 15)
    assert.match(text, new RegExp(`^(h\np\nh\n)*(p\n)+e\nlost ${hooks}\n$`))
  })

  it('has a share for each class that the others cannot use', () => {
    for (const of of eventClasses) {
      const queue = new LineQueue(80, lossLine)
      const others = eventClasses.filter((each) => each !== of)
      for (let i = 0; i < 50; i++) for (const each of others) addOf(queue, [each, 'x'])
      addOf(queue, [of, 'y'], [of, 'y'])
      assert.equal(queue.lost[of], 0)
      assert.ok(queue.size <= 80)
    }
  })

  it('without shares is for one class', () => {
    const queue = new LineQueue(8, lossLine, false)
    addOf(queue, ...['a', 'b', 'c', 'd', 'e'].map((line) => [process, line] as const))
    assert.deepEqual([queue.size, queue.lost[process]], [8, 1])
  })

  it('keeps large buffers instead of copying them, and reuses their memory', () => {
    const queue = new LineQueue(1 << 22, lossLine)
    const large = Buffer.alloc(1 << 20, `${'x'.repeat(1023)}\n`)
    add(queue, 'a')
    const next = queue.addBuffer(large, large.length, hookLines(large.length, 1024))
    assert.notEqual(next, undefined)
    assert.notEqual(next, large)
    assert.equal(queue.addBuffer(Buffer.from('b\n'), 2, hookLines(2, 1)), undefined)
    const chunks = queue.take(9)
    assert.deepEqual(
      chunks.map(({ from, to, runs }) => [to - from, sumOf(linesOf(runs))]),
      [
        [2, 1],
        [1 << 20, 1024],
        [2, 1],
      ],
    )
    assert.equal(chunks[1].bytes, large)
    for (const chunk of chunks) queue.release(chunk)
    assert.equal(
      queue.addBuffer(large, large.length, hookLines(large.length, 1024)),
      chunks[2].bytes,
    )
  })

  it('counts the lines of a large buffer that does not fit', () => {
    const queue = new LineQueue(1_400_000, lossLine)
    const large = Buffer.alloc(1 << 20, `${'x'.repeat(1023)}\n`)
    assert.equal(queue.addBuffer(large, large.length, hookLines(large.length, 1024)), undefined)
    assert.equal(sumOf(queue.lost), 1024 - Math.floor(700_000 / 1024))
  })

  it('counts what is dropped, and reports again what a dropped line reported', () => {
    const queue = new LineQueue(100, lossLine)
    queue.lose([1, 1, 0])
    add(queue, 'a', 'b')
    queue.consume(3)
    queue.clear()
    assert.deepEqual([queue.lost, queue.size], [[3, 1, 0], 0])
    queue.reportLoss()
    assert.deepEqual(drain(queue), { text: 'lost 4\n', lines: 0 })
  })

  it('counts everything by class: lines out and lines lost are lines in, in order', () => {
    const line = fc.tuple(fc.constantFrom(...eventClasses), fc.integer({ min: 0, max: 30 }))
    const batches = fc.array(
      fc.record({
        lines: fc.array(line, { minLength: 1, maxLength: 6 }),
        taken: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
      }),
    )
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 200 }), (all, limit) => {
        const queue = new LineQueue(limit, lossLine)
        const given: string[] = []
        let out = ''
        let taken = 0
        for (const { lines, taken: steps } of all) {
          const texts = lines.map(([of, length], i): readonly [EventClass, string] => [
            of,
            `${of} ${given.length + i} ${'x'.repeat(length)}`,
          ])
          given.push(...texts.map(([, text]) => text))
          addOf(queue, ...texts)
          assert.ok(queue.size <= limit + lossLine(given.length).length)
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
        const found = out.split('\n').slice(0, -1)
        const events = found.filter((text) => !text.startsWith('lost'))
        assert.equal(taken + rest.lines, events.length)
        assert.deepEqual(
          events,
          given.filter((text) => events.includes(text)),
        )
        for (const of of eventClasses) {
          const lines = (texts: readonly string[]) =>
            texts.filter((text) => text.startsWith(`${of} `)).length
          assert.equal(lines(events) + queue.lost[of], lines(given))
        }
        for (const text of found) assert.match(text, /^(\d \d+ x*|lost \d+)$/)
        assert.equal(queue.size, 0)
      }),
    )
  })
})
