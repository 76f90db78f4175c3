import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LongData } from './long-data.ts'

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
