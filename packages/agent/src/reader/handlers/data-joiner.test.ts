import assert from 'node:assert/strict'
import { it } from 'node:test'
import { reader, recordMemory } from '@tetragon-ts/ebpf/records'
import { DataRecord, dataStream, recordKind } from '@tetragon-ts/sensors'
import { DataJoiner } from './data-joiner.ts'

const memory = recordMemory(new ArrayBuffer(4096))
const record = reader(DataRecord, memory)

/** Writes a piece into memory as the kernel side does, and adds it. */
function add(joiner: DataJoiner, stream: 'args' | 'env', pid: number, ktime: bigint, text: string) {
  memory.bytes.fill(0)
  const view = new DataView(memory.bytes.buffer)
  const at = (name: 'kind' | 'stream' | 'key' | 'bytes') => DataRecord.field(name).offset
  view.setUint32(at('kind'), recordKind.data, true)
  view.setUint32(at('stream'), dataStream[stream], true)
  view.setBigUint64(at('key'), ktime, true)
  view.setUint32(at('key') + 8, pid, true)
  // Length of the text, which follows the record.
  view.setUint32(at('bytes'), text.length, true)
  memory.bytes.set(Buffer.from(text), DataRecord.size)
  record.at(0)
  joiner.add(record, memory.bytes)
}

function take(joiner: DataJoiner, pid: number, ktime: number) {
  const { args, env } = joiner.take(pid, ktime)
  return [args, env].map((bytes) => Buffer.from(bytes).toString())
}

it('joins pieces in order, arguments and environment separately', () => {
  const joiner = new DataJoiner()
  add(joiner, 'args', 1, 5n, 'one ')
  add(joiner, 'args', 2, 6n, 'other')
  add(joiner, 'env', 1, 5n, 'A=')
  add(joiner, 'args', 1, 5n, 'two')
  add(joiner, 'env', 1, 5n, '1')
  assert.deepEqual(take(joiner, 1, 5), ['one two', 'A=1'])
  assert.deepEqual(take(joiner, 2, 6), ['other', ''])
})

it('keeps its own copy, since the ring’s memory is reused', () => {
  const joiner = new DataJoiner()
  add(joiner, 'args', 1, 5n, 'kept')
  memory.bytes.fill(0xff)
  assert.deepEqual(take(joiner, 1, 5), ['kept', ''])
})

it('drops what was taken', () => {
  const joiner = new DataJoiner()
  add(joiner, 'args', 1, 5n, 'text')
  take(joiner, 1, 5)
  assert.deepEqual(take(joiner, 1, 5), ['', ''])
})

it('drops pieces of an earlier image whose exec was lost', () => {
  const joiner = new DataJoiner()
  add(joiner, 'args', 1, 5n, 'old')
  add(joiner, 'args', 1, 9n, 'new')
  assert.deepEqual(take(joiner, 1, 9), ['new', ''])
  add(joiner, 'args', 1, 5n, 'old')
  assert.deepEqual(take(joiner, 1, 9), ['', ''])
})

it('holds pieces of a limited number of processes', () => {
  const joiner = new DataJoiner(50)
  for (let pid = 1; pid <= 1000; pid++) add(joiner, 'args', pid, 5n, String(pid))
  const held = Array.from({ length: 1000 }, (_, i) => take(joiner, i + 1, 5)[0]).filter(Boolean)
  assert.deepEqual(
    held,
    Array.from({ length: 50 }, (_, i) => String(951 + i)),
  )
})
