import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { EventSegment } from './event-segment.ts'
import { Word } from './word.ts'

const codec = codecOf(GetEventsResponse)
const anyProcess = fc.record({
  exec_id: fc.constantFrom('a', 'b'.repeat(60), 'c'.repeat(60)),
  pid: fc.nat(2),
  binary: fc.constantFrom('/bin/sh', `/bin/${'x'.repeat(100)}`),
})
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .record({ process: anyProcess, parent: anyProcess, function_name: fc.string() })
    .map((process_kprobe) => codec.encode({ process_kprobe, node_name: 'n' })),
)

test('events are as they were added', () => {
  const lines = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(fc.array(fc.tuple(anyBytes, lines), { maxLength: 40 }), (events) => {
      const segment = new EventSegment(7)
      for (const [time, [bytes, line]] of events.entries()) {
        segment.add({ time, line, fields: { kind: line, exec: 'x' }, bytes })
      }
      for (const [i, [bytes, line]] of events.entries()) {
        assert.deepEqual(segment.bytesOf(i), Uint8Array.from(bytes))
        assert.equal(segment.lineOf(i), line)
        assert.equal(segment.timeOf(i), i)
        assert.equal(segment.fieldsOf(i).kind, line)
        assert.equal(segment.fieldsOf(i).pod, '')
      }
      assert.equal(segment.indicesWith('exec', 'x').length, events.length)
    }),
  )
})

test('events of one process share it', () => {
  const sizeWith = (process: (i: number) => object): number => {
    const segment = new EventSegment(0)
    for (let time = 0; !segment.isFull; time++) {
      const bytes = codec.encode({ process_exec: { process: process(time) } })
      segment.add({ time, line: '', fields: {}, bytes })
    }
    return segment.size / segment.count
  }
  const binary = `/bin/${'x'.repeat(500)}`
  assert.ok(sizeWith(() => ({ binary, pid: 1 })) < 100)
  assert.ok(sizeWith((pid) => ({ binary, pid })) > 500)
})

const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', 'É', '\n'), maxLength: 12 }),
  fc.string({ maxLength: 12 }),
)

test('a word is found in each text of an event, and not across them', () => {
  const anyEvent = fc.record({
    line: anyText,
    binary: anyText,
    exec: anyText,
    searched: fc.option(fc.record({ process: anyText, hook: anyText, own: anyText }), {
      nil: undefined,
    }),
  })
  const anyWord = anyText.filter((text) => text !== '')
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), anyWord, (events, text) => {
      const segment = new EventSegment(0)
      const word = new Word(text)
      const bytes = new Uint8Array()
      for (const [i, { line, binary, exec, searched }] of events.entries()) {
        segment.add({ time: 0, line, fields: { binary, exec }, searched, bytes })
        const { process, hook, own } = searched ?? { process: '', hook: '', own: '' }
        // Exec ids are random: words are not looked for in them.
        const texts = [line, binary, process, hook, own]
        const isFound = texts.some((each) => each.toLowerCase().includes(text.toLowerCase()))
        assert.equal(segment.has(i, word), isFound)
        assert.equal(segment.lineOf(i), line)
      }
      segment.forgetWords()
      for (const [i, { line }] of events.entries()) {
        assert.ok(segment.has(i, new Word(line.slice(0, 1) || '')) || line === '')
      }
    }),
  )
})
