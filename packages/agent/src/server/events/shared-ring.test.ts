import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { makeRingMemory, SharedRing } from './shared-ring.ts'

function ring(size: number): [writer: SharedRing, reader: SharedRing] {
  const memory = makeRingMemory(size)
  return [new SharedRing(memory), new SharedRing(memory)]
}

function write(writer: SharedRing, text: string): boolean {
  const bytes = Buffer.from(text)
  return writer.write(bytes, bytes.length)
}

describe('a shared ring', () => {
  it('hands lines over in order, as many as asked for', () => {
    const [writer, reader] = ring(64)
    assert.equal(reader.read(100), undefined)
    write(writer, 'one\ntwo\nthree\n')
    assert.equal(String(reader.read(9)), 'one\ntwo\n')
    assert.equal(String(reader.read(1)), 'three\n')
    assert.equal(reader.read(1), undefined)
  })

  it('counts lines without room and keeps those with', () => {
    const [writer, reader] = ring(16)
    write(writer, 'aaaa\nbbbb\ncccc\ndddd\neeee\n')
    write(writer, 'f\n')
    assert.equal(reader.takeLost(), 3)
    assert.equal(String(reader.read(100)), 'aaaa\nbbbb\ncccc\n')
    assert.equal(reader.takeLost(), 0)
    write(writer, 'f\n')
    assert.equal(String(reader.read(100)), 'f\n')
  })

  it('asks for a wake-up only while the reader sleeps', () => {
    const [writer, reader] = ring(64)
    assert.equal(write(writer, 'a\n'), false)
    assert.equal(reader.sleep(), false)
    reader.read(100)
    assert.equal(reader.sleep(), true)
    assert.equal(write(writer, 'b\n'), true)
    assert.equal(write(writer, 'c\n'), false)
  })

  it('loses nothing uncounted, whatever comes when', () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), {
      maxLength: 6,
    })
    const step = fc.oneof(lines, fc.nat(40))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [writer, reader] = ring(32)
        const sent: string[] = []
        const received: string[] = []
        const read = (limit: number): boolean => {
          const chunk = reader.read(limit)
          if (chunk === undefined) return false
          received.push(...String(chunk).slice(0, -1).split('\n'))
          return true
        }
        for (const each of steps) {
          if (typeof each === 'number') read(each)
          else if (each.length > 0) {
            sent.push(...each)
            write(writer, `${each.join('\n')}\n`)
          }
        }
        while (read(7)) {}
        assert.equal(received.length + reader.takeLost(), sent.length)
        // What came is a part of what was sent, in order.
        let at = 0
        for (const line of received) {
          at = sent.indexOf(line, at) + 1
          assert.ok(at > 0)
        }
      }),
    )
  })
})
