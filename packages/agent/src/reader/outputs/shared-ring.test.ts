import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { framed, frameEnd, framePrefix } from './framing.ts'
import { makeRingMemory, SharedRing } from './shared-ring.ts'

function ring(size: number): [writer: SharedRing, reader: SharedRing] {
  const memory = makeRingMemory(size)
  return [new SharedRing(memory), new SharedRing(memory)]
}

function write(writer: SharedRing, ...texts: string[]): boolean {
  const bytes = Buffer.concat(texts.map((text) => framed(Buffer.from(text))))
  return writer.write(bytes, bytes.length)
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
    const [writer, reader] = ring(32)
    write(writer, 'aaaa', 'bbbb', 'cccc', 'dddd', 'eeee')
    write(writer, 'f')
    assert.deepEqual(read(reader, 20), ['aaaa', 'bbbb'])
    // The loss was after the messages that are still unread.
    assert.equal(reader.takeLost(), 0)
    write(writer, 'g')
    assert.deepEqual(read(reader, 9), ['cccc'])
    assert.equal(reader.takeLost(), 3)
    assert.equal(reader.takeLost(), 0)
    assert.deepEqual(read(reader, 100), ['g'])
  })

  it('counts what was missing before', () => {
    const [writer, reader] = ring(32)
    writer.write(Buffer.alloc(0), 0, 7)
    assert.equal(reader.takeLost(), 7)
    assert.equal(read(reader, 100), undefined)
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
    const step = fc.oneof(texts, fc.nat(40))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [writer, reader] = ring(64)
        const sent: string[] = []
        const received: string[] = []
        for (const each of steps) {
          if (typeof each === 'number') received.push(...(read(reader, each) ?? []))
          else if (each.length > 0) {
            sent.push(...each)
            write(writer, ...each)
          }
        }
        for (let rest = read(reader, 7); rest; rest = read(reader, 7)) received.push(...rest)
        assert.equal(received.length + reader.takeLost(), sent.length)
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
