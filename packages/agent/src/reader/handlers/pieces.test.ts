import assert from 'node:assert/strict'
import { it, test } from 'node:test'
import { reader, recordMemory } from '@tetragon-ts/ebpf/records'
import { DataRecord, dataStream, recordKind } from '@tetragon-ts/sensors'
import { DataJoiner, LongData } from './pieces.ts'

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

const bytes = (text: string) => Buffer.from(text)
const text = (data: Uint8Array | undefined) => data && Buffer.from(data).toString()

test('pieces of a value are joined in order, for one record', () => {
  const data = new LongData()
  data.add(1, 7, 0, 0, bytes('ab'))
  data.add(1, 7, 2, 0, bytes('x'))
  data.add(1, 7, 0, 2, bytes('cd'))
  const pieces = data.take(1, 7)
  assert.equal(text(pieces?.get(0)), 'abcd')
  assert.equal(text(pieces?.get(2)), 'x')
  assert.equal(pieces?.get(1), undefined)
  assert.equal(data.take(1, 7), undefined)
})

test('threads and hooks are separate', () => {
  const data = new LongData()
  data.add(1, 7, 0, 0, bytes('a'))
  data.add(1, 8, 0, 0, bytes('b'))
  data.add(2, 7, 0, 0, bytes('c'))
  assert.equal(text(data.take(1, 8)?.get(0)), 'b')
  assert.equal(text(data.take(2, 7)?.get(0)), 'c')
  assert.equal(text(data.take(1, 7)?.get(0)), 'a')
})

test('a new value replaces the pieces of a lost record', () => {
  const data = new LongData()
  data.add(1, 7, 0, 0, bytes('old'))
  data.add(1, 7, 0, 0, bytes('new'))
  assert.equal(text(data.take(1, 7)?.get(0)), 'new')
})

test('pieces are copies, and do not pile up', () => {
  const data = new LongData()
  const ring = bytes('abc')
  data.add(1, 7, 0, 0, ring)
  ring.fill(0)
  for (let tid = 100; tid < 163; tid++) data.add(1, tid, 0, 0, bytes('y'))
  assert.equal(text(data.take(1, 7)?.get(0)), 'abc')
  for (let tid = 200; tid < 300; tid++) data.add(1, tid, 0, 0, bytes('z'))
  assert.equal(data.take(1, 100), undefined)
  assert.equal(text(data.take(1, 299)?.get(0)), 'z')
  data.add(3, 1, 0, 0, bytes('q'))
  data.remove(3)
  assert.equal(data.take(3, 1), undefined)
})

test('the number of waiting threads is limited', () => {
  const data = new LongData(3)
  for (let tid = 1; tid <= 5; tid++) data.add(1, tid, 0, 0, bytes(String(tid)))
  const kept = [1, 2, 3, 4, 5].map((tid) => text(data.take(1, tid)?.get(0)))
  assert.deepEqual(kept, [undefined, undefined, '3', '4', '5'])
})
