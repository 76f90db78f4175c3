import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assemble, exit, mov, programType, r0 } from '../asm/index.ts'
import {
  array,
  arrayOfMaps,
  cgroupStorage,
  hashMap,
  hashOfMaps,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  perCpuArray,
  perCpuHashMap,
  progArray,
  ringBuffer,
  stackTrace,
  taskStorage,
} from '../maps/index.ts'
import { createMap, listMaps, openPinnedMap } from '../open-maps/index.ts'
import { loadProgram } from '../programs/index.ts'
import { arrayOf, record, u8, u32, u64 } from '../records/index.ts'
import { findMount, possibleCpus } from '../sys/index.ts'
import { probe } from '../testing/index.ts'

const Key = record('Key', { cgroup: u64, port: u32, protocol: u8 })
const Value = record('Value', { packets: u64, flags: u32, address: arrayOf(u8, 4) })
const key = (port: number) => ({ cgroup: 1n << 40n, port, protocol: 6 })
const value = (n: number) => ({ packets: BigInt(n), flags: n, address: [10, 0, 0, n % 256] })
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b)

test('hash map: conditions, iteration, deletion', () => {
  for (const preallocate of [true, false]) {
    using map = createMap(
      hashMap('connections', { key: Key, value: Value, maxEntries: 8, preallocate }),
    )
    assert.equal(map.lookup(key(1)), undefined)
    assert.equal(map.update(key(1), value(1), 'exist'), false)
    assert.equal(map.update(key(1), value(1), 'noexist'), true)
    assert.equal(map.update(key(1), value(2), 'noexist'), false)
    assert.deepEqual(map.lookup(key(1)), value(1))
    for (let n = 2; n <= 8; n++) map.update(key(n), value(n))
    assert.throws(
      () => map.update(key(9), value(9)),
      /^SystemCallError: update map connections: E2BIG/,
    )
    assert.deepEqual(sorted([...map.keys()].map((it) => it.port)), [1, 2, 3, 4, 5, 6, 7, 8])
    assert.equal(map.delete(key(3)), true)
    assert.equal(map.delete(key(3)), false)
    assert.deepEqual(map.lookupAndDelete(key(4)), value(4))
    assert.equal(map.lookupAndDelete(key(4)), undefined)
    // Deleting what was just given does not upset the walk.
    for (const it of map.keys()) assert.ok(map.delete(it))
    assert.deepEqual([...map], [])
  }
})

test('hash map: batches of thousands', () => {
  const count = 5000
  using map = createMap(hashMap('many', { key: u32, value: u64, maxEntries: count }))
  const entries = Array.from({ length: count }, (_, i) => [i, BigInt(i) * 3n] as const)
  map.updateAll(entries)
  assert.deepEqual(
    [...map].sort(([a], [b]) => a - b),
    entries.map((it) => [...it]),
  )
  assert.equal(new Set(map.keys()).size, count)
  map.deleteAll([...entries.slice(0, 1000).map(([it]) => it), 999_999])
  const rest = map.drain()
  assert.deepEqual(sorted(rest.map(([it]) => it)), sorted(entries.slice(1000).map(([it]) => it)))
  assert.deepEqual(map.drain(), [])
})

test('LRU hash map: the oldest entries go', () => {
  using map = createMap(lruHashMap('recent', { key: u32, value: u32, maxEntries: 256 }))
  for (let i = 0; i < 5000; i++) map.update(i, i)
  const keys = [...map.keys()]
  assert.ok(keys.length > 0 && keys.length <= 256, `${keys.length} entries`)
  assert.equal(map.lookup(4999), 4999)
  assert.equal(map.lookup(0), undefined)
})

test('per-CPU maps: a value for each CPU', () => {
  const cpus = possibleCpus()
  const values = Array.from({ length: cpus }, (_, cpu) => cpu + 7)
  const options = { key: u32, value: u32, maxEntries: 16 }
  for (const spec of [perCpuHashMap('a', options), lruPerCpuHashMap('b', options)]) {
    using map = createMap(spec)
    map.update(5, values)
    assert.deepEqual(map.lookup(5), values)
    map.updateAll([
      [6, values],
      [7, values],
    ])
    assert.deepEqual(
      [...map].sort(([a], [b]) => a - b),
      [5, 6, 7].map((it) => [it, values]),
    )
    assert.throws(() => map.update(5, [...values, 1]), /values for/)
    assert.equal(map.drain().length, 3)
  }
  using counters = createMap(perCpuArray('counters', { value: u64, maxEntries: 2 }))
  counters.update(1, values.map(BigInt))
  assert.deepEqual(counters.lookup(1), values.map(BigInt))
  assert.deepEqual(counters.lookup(0), new Array(cpus).fill(0n))
  assert.equal(counters.lookup(2), undefined)
})

test('array: shared memory, freezing', () => {
  const spec = array('globals', { value: u32, maxEntries: 3, mmapable: true })
  using map = createMap(spec)
  map.update(2, 42)
  assert.deepEqual(
    [...map],
    [
      [0, 0],
      [1, 0],
      [2, 42],
    ],
  )
  using memory = map.map()
  assert.equal(memory.view.getUint32(16, true), 42)
  memory.view.setUint32(8, 43, true)
  assert.equal(map.lookup(1), 43)
  assert.throws(() => map.delete(1), /delete from map globals: EINVAL/)

  using constants = createMap(array('constants', { value: u64, readOnlyProgram: true }))
  constants.update(0, 5n)
  constants.freeze()
  assert.throws(() => constants.update(0, 6n), /update map constants: EPERM/)
  assert.equal(constants.lookup(0), 5n)
  assert.throws(() => constants.map(), /not declared mmapable/)
})

test('LPM trie: the longest prefix wins', () => {
  const Prefix = record('Prefix', { length: u32, address: arrayOf(u8, 4) })
  using map = createMap(lpmTrie('routes', { key: Prefix, value: u32, maxEntries: 16 }))
  map.update({ length: 8, address: [10, 0, 0, 0] }, 8)
  map.update({ length: 24, address: [10, 1, 2, 0] }, 24)
  assert.equal(map.lookup({ length: 32, address: [10, 1, 2, 3] }), 24)
  assert.equal(map.lookup({ length: 32, address: [10, 9, 9, 9] }), 8)
  assert.equal(map.lookup({ length: 32, address: [11, 0, 0, 1] }), undefined)
  assert.equal([...map].length, 2)
})

test('maps of maps: descriptors go in, ids come out', () => {
  const inner = hashMap('inner', { key: u32, value: u32, maxEntries: 4 })
  using first = createMap(inner)
  using larger = createMap({ ...inner, maxEntries: 100 })
  using byKey = createMap(hashOfMaps('by_key', { key: u64, inner, maxEntries: 4 }))
  byKey.update(1n, first.fd.number)
  byKey.update(2n, larger.fd.number)
  assert.equal(byKey.lookup(1n), first.info().id)
  assert.equal(byKey.lookup(2n), larger.info().id)
  assert.equal(byKey.delete(1n), true)
  using byIndex = createMap(arrayOfMaps('by_index', { inner, maxEntries: 2 }))
  byIndex.update(1, first.fd.number)
  assert.equal(byIndex.lookup(1), first.info().id)
  assert.equal(byIndex.lookup(0), undefined)
})

test('program array', () => {
  using program = loadProgram({
    type: programType.rawTracepoint,
    name: 'target',
    code: assemble([mov(r0, 0), exit()]).bytes,
  })
  using map = createMap(progArray('calls', { maxEntries: 4 }))
  map.update(3, program.fd.number)
  assert.equal(map.lookup(3), program.info().id)
  assert.equal(map.delete(3), true)
})

test('stack traces and ring buffers are created; what they lack is refused', () => {
  using stacks = createMap(stackTrace('stacks', { maxEntries: 64, depth: 32 }))
  assert.equal(stacks.info().valueSize, 256)
  assert.deepEqual([...stacks], [])
  using ring = createMap(ringBuffer('ring', { size: 1 << 16 }))
  assert.equal(ring.info().maxEntries, 1 << 16)
  assert.ok(ring.memory()! >= 1 << 16)
  assert.throws(() => [...ring], /SystemCallError: walk map ring/)
  assert.throws(() => ringBuffer('odd', { size: 5000 }), /power of two/)
})

test('task storage: by pidfd', (t) => {
  const { answer, reason } = probe('task_storage')
  if (answer !== 'yes') return t.skip(reason)
  using map = createMap(taskStorage('per_task', { value: Value }))
  assert.equal(map.info().valueSize, Value.size)
  assert.throws(() => map.lookup(999_999), /EBADF/)
  // There is no pidfd_open in Node.js; the descriptor of a file shows that the type is checked.
  assert.throws(() => map.update(0, value(1)), /EINVAL|EBADF/)
})

test('cgroup storage: by descriptor of the folder', (t) => {
  const { answer, reason } = probe('cgroup_storage')
  if (answer !== 'yes') return t.skip(reason)
  const root = findMount('cgroup2')
  if (!root) return t.skip('cgroup2 is not mounted')
  const folder = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY)
  using map = createMap(cgroupStorage('per_cgroup', { value: Value }))
  assert.equal(map.lookup(folder), undefined)
  assert.equal(map.update(folder, value(9), 'noexist'), true)
  assert.deepEqual(map.lookup(folder), value(9))
  assert.equal(map.delete(folder), true)
  closeSync(folder)
})

test('pinned maps outlive their descriptor', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bpffs-'))
  try {
    execFileSync('mount', ['-t', 'bpf', 'bpf', folder])
  } catch (error) {
    rmdirSync(folder)
    return t.skip(`mount bpf file system: ${error}`)
  }
  try {
    const spec = hashMap('pinned', { key: u32, value: u64, maxEntries: 4 })
    const map = createMap(spec)
    map.pin(`${folder}/map`)
    map.update(1, 11n)
    map.close()
    using again = openPinnedMap(spec, `${folder}/map`)
    assert.equal(again.lookup(1), 11n)
    assert.throws(
      () => openPinnedMap({ ...spec, maxEntries: 5 }, `${folder}/map`),
      /it is hash, key 4, value 8, 4 entries; wanted is hash, key 4, value 8, 5 entries/,
    )
    again.unpin(`${folder}/map`)
    assert.throws(() => openPinnedMap(spec, `${folder}/map`), /ENOENT/)
  } finally {
    execFileSync('umount', [folder])
    rmdirSync(folder)
  }
})

test('memory and information', () => {
  using small = createMap(hashMap('small', { key: u32, value: u64, maxEntries: 16 }))
  using large = createMap(hashMap('large', { key: u32, value: u64, maxEntries: 16_384 }))
  assert.ok(large.memory()! > 16_384 * 12)
  assert.ok(large.memory()! > small.memory()!)
  const { id, name, type, keySize, valueSize, maxEntries } = large.info()
  assert.deepEqual(
    { name, type, keySize, valueSize, maxEntries },
    { name: 'large', type: 'hash', keySize: 4, valueSize: 8, maxEntries: 16_384 },
  )
  assert.ok(listMaps().some((it) => it.id === id && it.name === 'large' && it.type === 'hash'))
})

test('a refused map and a closed map are errors, not crashes', () => {
  const spec = hashMap('none', { key: u32, value: u32, maxEntries: 0 })
  assert.throws(() => createMap(spec), /^SystemCallError: create map none: EINVAL/)
  const map = createMap(array('closed', { value: u32 }))
  map.close()
  map.close()
  assert.throws(() => map.lookup(0), /use map closed: it was closed before/)
  assert.throws(() => map.updateAll([[0, 1]]), /closed before/)
  assert.throws(() => [...map.keys()], /closed before/)
})
