import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EventClass, eventClass, eventClasses, sumOf } from '@tetragon-ts/outputs/queue'
import fc from 'fast-check'
import { addLines, type LineRun } from '../json/event-lines.ts'
import { framed, frameEnd, framePrefix, putFrame } from './framing.ts'
import { makeRingMemory, SharedRing } from './shared-ring.ts'

const { hook, process, enforcement } = eventClass

/** Lost messages since the last call. */
const lostOf = (reader: SharedRing): number => sumOf(reader.takeLost() ?? [])

function ring(size: number): [writer: SharedRing, reader: SharedRing] {
  const memory = makeRingMemory(size)
  return [new SharedRing(memory), new SharedRing(memory)]
}

function writeOf(writer: SharedRing, ...messages: (readonly [EventClass, string])[]): boolean {
  const frames = messages.map(([of, text]) => {
    const frame = framed(Buffer.from(text))
    putFrame(frame, 0, frame.length, of)
    return frame
  })
  const runs: LineRun[] = []
  let to = 0
  for (const [i, { length }] of frames.entries()) {
    to += length
    addLines(runs, messages[i][0], to)
  }
  return writer.write(Buffer.concat(frames), runs)
}

function write(writer: SharedRing, ...texts: string[]): boolean {
  return writeOf(writer, ...texts.map((text) => [hook, text] as const))
}

/** Contents of the next messages; undefined if there are none. */
function read(reader: SharedRing, limit: number): string[] | undefined {
  const chunk = reader.read(limit)
  if (chunk === undefined) return undefined
  const texts: string[] = []
  for (let at = 0; at < chunk.length; at = frameEnd(chunk, at)) {
    texts.push(chunk.toString('utf8', at + framePrefix, frameEnd(chunk, at)))
  }
  return texts
}

describe('a shared ring', () => {
  it('delivers messages in order, up to the limit', () => {
    const [writer, reader] = ring(64)
    assert.equal(read(reader, 100), undefined)
    write(writer, 'one', 'two', 'three')
    assert.deepEqual(read(reader, 17), ['one', 'two'])
    assert.deepEqual(read(reader, 1), ['three'])
    assert.equal(read(reader, 1), undefined)
  })

  it('counts messages that do not fit and keeps others', () => {
    const [writer, reader] = ring(64)
    write(writer, 'aaaa', 'bbbb', 'cccc', 'dddd', 'eeee')
    write(writer, 'f')
    assert.deepEqual(read(reader, 20), ['aaaa', 'bbbb'])
    // The loss was after the messages that are still unread.
    assert.equal(lostOf(reader), 0)
    write(writer, 'g')
    assert.deepEqual(read(reader, 9), ['cccc'])
    assert.equal(lostOf(reader), 3)
    assert.equal(lostOf(reader), 0)
    assert.deepEqual(read(reader, 100), ['g'])
  })

  it('counts what was missing before', () => {
    const [writer, reader] = ring(32)
    writer.write(Buffer.alloc(0), [], [1, 2, 4])
    assert.deepEqual(reader.takeLost(), [1, 2, 4])
    assert.equal(read(reader, 100), undefined)
  })

  it('has a share for each class of events that the others cannot use', () => {
    for (const of of eventClasses) {
      const [writer, reader] = ring(1 << 10)
      const others = eventClasses.filter((each) => each !== of)
      for (let i = 0; i < 100; i++)
        writeOf(writer, ...others.map((each) => [each, 'x'.repeat(20)] as const))
      writeOf(writer, [of, 'y'], [of, 'y'], [of, 'y'])
      const received: string[] = []
      for (let some = read(reader, 100); some; some = read(reader, 100)) received.push(...some)
      const lost = reader.takeLost() ?? []
      assert.deepEqual(received.slice(-3), ['y', 'y', 'y'])
      assert.equal(received.length + sumOf(lost), 203)
      assert.equal(lost[of], 0)
    }
  })

  it('loses hook events only, while there is room for others', () => {
    const [writer, reader] = ring(1 << 10)
    const sent = Array.from({ length: 90 }, (_, i): readonly [EventClass, string] =>
      i % 6 === 5
        ? [i % 12 === 5 ? process : enforcement, `${i}`]
        : [hook, `${i} ${'h'.repeat(10)}`],
    )
    writeOf(writer, ...sent)
    const received = read(reader, 1 << 10) ?? []
    const [hooks, ...others] = reader.takeLost() ?? []
    assert.deepEqual(others, [0, 0])
    assert.equal(received.length + hooks, 90)
    // In order.
    const texts = sent.map(([, text]) => text)
    assert.deepEqual(
      received,
      texts.filter((text) => received.includes(text)),
    )
  })

  it('asks for a wake-up only while the reader sleeps', () => {
    const [writer, reader] = ring(64)
    assert.equal(write(writer, 'a'), false)
    assert.equal(reader.sleep(), false)
    read(reader, 100)
    assert.equal(reader.sleep(), true)
    assert.equal(write(writer, 'b'), true)
    assert.equal(write(writer, 'c'), false)
  })

  it('counts every loss, in any order of operations', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), {
      maxLength: 6,
    })
    const step = fc.oneof(fc.tuple(fc.constantFrom(...eventClasses), texts), fc.nat(40))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [writer, reader] = ring(64)
        const sent: string[] = []
        const received: string[] = []
        for (const each of steps) {
          if (typeof each === 'number') received.push(...(read(reader, each) ?? []))
          else {
            const [of, some] = each
            sent.push(...some)
            writeOf(writer, ...some.map((text) => [of, text] as const))
          }
        }
        for (let rest = read(reader, 7); rest; rest = read(reader, 7)) received.push(...rest)
        assert.equal(received.length + lostOf(reader), sent.length)
        // The received messages are a subsequence of the sent ones.
        let at = 0
        for (const text of received) {
          at = sent.indexOf(text, at) + 1
          assert.ok(at > 0)
        }
      }),
    )
  })
})
