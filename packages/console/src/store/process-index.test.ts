import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { ProcessIndex } from './process-index.ts'

function index(processes = 1000, bytes = 1e9): ProcessIndex {
  return new ProcessIndex(processes, bytes)
}

interface Wanted {
  readonly id: string
  readonly parent?: string
  readonly pid?: number
  readonly more?: object
}

function see(all: ProcessIndex, key: string, { id, parent, pid = 1, more = {} }: Wanted): void {
  const process = { exec_id: id, parent_exec_id: parent, pid, binary: `/bin/${id}`, ...more }
  const parsed = parseEvent(JSON.stringify({ [key]: { process }, node_name: 'n' }))
  assert.ok(parsed.ok)
  all.see(parsed.event, 5000)
}

const names = (all: ProcessIndex) =>
  all
    .tree()
    .slice()
    .map(({ facts, depth }) => '  '.repeat(depth) + facts.execId)

test('processes are below their parents, in the order of their starts', () => {
  const all = index()
  const started = (second: number) => ({ start_time: `2026-01-01T00:00:0${second}Z` })
  see(all, 'process_exec', { id: 'c', parent: 'a', pid: 3, more: started(3) })
  see(all, 'process_exec', { id: 'b', parent: 'a', pid: 2, more: started(2) })
  see(all, 'process_exec', { id: 'd', parent: 'b', pid: 4 })
  see(all, 'process_exec', { id: 'a', pid: 1 })
  assert.deepEqual(names(all), ['a', '  b', '    d', '  c'])
  assert.deepEqual(
    all.lineage('d').map(({ execId }) => execId),
    ['a', 'b', 'd'],
  )
  const onlyD = all
    .tree(({ execId }) => execId === 'd')
    .slice()
    .map(({ facts }) => facts.execId)
  assert.deepEqual(onlyD, ['a', 'b', 'd'])
})

test('a process moves when later events know more, and its children stay with it', () => {
  const all = index(4)
  const started = (second: number) => ({ start_time: `2026-01-01T00:00:0${second}Z` })
  see(all, 'process_exec', { id: 'a', pid: 1 })
  see(all, 'process_kprobe', { id: 'c', pid: 3, more: started(3) })
  see(all, 'process_exec', { id: 'd', parent: 'c', pid: 4 })
  see(all, 'process_exec', { id: 'b', parent: 'a', pid: 2, more: started(2) })
  assert.deepEqual(names(all), ['a', '  b', 'c', '  d'])
  see(all, 'process_exit', { id: 'c', parent: 'a', pid: 3, more: started(1) })
  assert.deepEqual(names(all), ['a', '  c', '    d', '  b'])
  // The first one that has ended is dropped.
  see(all, 'process_exec', { id: 'e', parent: 'd', pid: 5 })
  assert.deepEqual(names(all), ['a', '  b', 'd', '  e'])
})

test('a process ends by its exit, or by the next program that it executes', () => {
  const all = index()
  see(all, 'process_exec', { id: 'sh', pid: 7 })
  see(all, 'process_kprobe', { id: 'sh', pid: 7 })
  see(all, 'process_exec', { id: 'curl', parent: 'sh', pid: 7 })
  const [sh, curl] = all.lineage('curl')
  assert.deepEqual([sh.ending, sh.end, sh.events], ['exec', 5000, 1])
  assert.deepEqual([curl.ending, curl.end], ['', undefined])
  see(all, 'process_exit', { id: 'curl', parent: 'sh', pid: 7 })
  assert.equal(all.lineage('curl')[1].ending, 'exit 0')
})

test('processes that are their own ancestors are shown, and end nothing', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd')
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, ids), { maxLength: 10 }), (pairs) => {
      const all = index()
      for (const [id, parent] of pairs) see(all, 'process_exec', { id, parent })
      const known = new Set(pairs.map(([id]) => id))
      assert.equal(all.size, known.size)
      assert.equal(all.tree(() => true).length, known.size)
      assert.deepEqual(
        names(all)
          .map((name) => name.trim())
          .sort(),
        [...known].sort(),
      )
      for (const id of known) assert.equal(all.lineage(id).at(-1)?.execId, id)
    }),
  )
})

test('the number of processes is bounded, and those that run stay longest', () => {
  const all = index(100)
  see(all, 'process_exec', { id: 'first', pid: 1 })
  for (let i = 0; i < 500; i++) {
    see(all, 'process_exec', { id: `p${i}`, parent: 'first', pid: 10 + i })
    see(all, 'process_exit', { id: `p${i}`, parent: 'first', pid: 10 + i })
  }
  assert.ok(all.size <= 100)
  assert.equal(all.size + all.dropped, 501)
  assert.equal(all.lineage('first').length, 1)
})

test('its memory is bounded, whatever processes call themselves', () => {
  const all = index(1e9, 1_000_000)
  for (let i = 0; i < 1000; i++) {
    const more = { arguments: 'x'.repeat(100_000), binary: 'y'.repeat(100_000) }
    see(all, 'process_exec', { id: `p${i}`, pid: i, more })
  }
  assert.ok(all.size < 200)
  assert.equal(all.size + all.dropped, 1000)
  const [last] = all.lineage('p999')
  assert.ok(last.args.length < 3000 && last.args.endsWith('…'))
})

test('the children of a process are in the order of their starts', () => {
  const all = index()
  const started = (second: number) => ({ start_time: `2026-01-01T00:00:0${second}Z` })
  see(all, 'process_exec', { id: 'a', parent: 'a' })
  see(all, 'process_exec', { id: 'c', parent: 'a', pid: 3, more: started(3) })
  see(all, 'process_exec', { id: 'b', parent: 'a', pid: 2, more: started(2) })
  see(all, 'process_exec', { id: 'd', parent: 'b', pid: 4 })
  const ids = all.children('a').map(({ execId }) => execId)
  assert.deepEqual(ids, ['b', 'c'])
})

test('a process may have any number of children', () => {
  const all = new ProcessIndex(1e9, 1e9)
  const see = (exec_id: string, parent_exec_id: string): void => {
    const parsed = parseEvent(
      JSON.stringify({ process_exec: { process: { exec_id, parent_exec_id } } }),
    )
    assert.ok(parsed.ok)
    all.see(parsed.event, 0)
  }
  see('top', '')
  for (let i = 0; i < 150_000; i++) see(`child ${i}`, 'top')
  assert.equal(all.tree().length, 150_001)
  assert.equal(all.tree(() => true).length, 150_001)
})

test('a process is below those of its lineage, whatever events claim', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, names), { maxLength: 8 }),
      names,
      names,
      (links, id, top) => {
        const all = index()
        for (const [child, parent] of links) see(all, 'process_exec', { id: child, parent })
        const isTop = ({ execId }: { readonly execId: string }): boolean => execId === top
        assert.equal(all.isBelow(id, isTop), all.lineage(id).some(isTop))
      },
    ),
  )
})
