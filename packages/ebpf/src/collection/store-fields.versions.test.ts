import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { program, tpBtf } from '../lang/index.ts'
import { array } from '../maps/index.ts'
import { arrayOf, type Codec, record, u8, u16, u32, u64 } from '../records/index.ts'
import { possibleCpus } from '../sys/index.ts'
import { Collection } from './index.ts'

const Inner = record('inner', { x: u16, y: u16, z: u32 })
const Filled = record('filled', {
  a: u32,
  b: u32,
  c: u64,
  inner: Inner,
  list: arrayOf(u32, 3),
  d: u32,
  whole: Inner,
  e: u8,
})
/** Memory as it is, of the size of a record. */
const bytes: Codec<Buffer> = {
  size: Filled.size,
  encode: (value, view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset).set(value),
  decode: (view, offset) =>
    Buffer.from(Buffer.from(view.buffer, view.byteOffset + offset, bytes.size)),
}

for (const order of ['before', 'after'] as const) {
  test(`a record leaves nothing of what was there: the rest is cleared ${order} its fields`, () => {
    const cells = array('memory', { value: bytes, maxEntries: possibleCpus() })
    const onExec = program('on_exec', tpBtf('sched_process_exec'), (k) => {
      const whole = k.stack(Inner, { z: 9 })
      const fields = { b: 1, inner: { y: 2 }, list: [3, 4, 5], whole, e: 6 }
      const memory = k.scratch(cells)
      if (order === 'before') k.recordAt(memory, Filled, fields)
      else {
        const place = k.view(memory, Filled)
        k.assign(place, fields)
        k.clearOthers(place, fields)
      }
    })
    using collection = new Collection()
    collection.load(onExec)
    const values = collection.map(cells)
    const dirty = Buffer.alloc(Filled.size, 0xff)
    for (let cpu = 0; cpu < possibleCpus(); cpu++) values.update(cpu, dirty)
    collection.attach(onExec)
    execFileSync('/bin/true')

    const expected = Buffer.alloc(Filled.size)
    const zero = { x: 0, y: 0, z: 0 }
    const fields = { a: 0, b: 1, c: 0n, list: [3, 4, 5], d: 0, e: 6 }
    const record = { ...fields, inner: { ...zero, y: 2 }, whole: { ...zero, z: 9 } }
    Filled.encode(record, new DataView(expected.buffer, expected.byteOffset), 0)
    const found = Array.from({ length: possibleCpus() }, (_, cpu) => values.lookup(cpu))
    const written = found.filter((value) => value && !value.equals(dirty))
    assert.ok(written.length > 0)
    for (const value of written) assert.deepEqual(value, expected)
  })
}
