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
    // Images with the same pid are those of one process.
    fc.property(fc.array(fc.tuple(ids, ids, fc.nat(3)), { maxLength: 10 }), (seen) => {
      const all = index()
      for (const [id, parent, pid] of seen) see(all, 'process_exec', { id, parent, pid })
      const known = new Set(seen.map(([id]) => id))
      assert.equal(all.size, known.size)
      for (const rows of [all.tree(), all.tree(() => true)]) {
        const placed = rows.slice().flatMap(({ facts, earlier }) => [...earlier, facts])
        assert.deepEqual(placed.map(({ execId }) => execId).sort(), [...known].sort())
      }
      for (const id of known) assert.equal(all.lineage(id).at(-1)?.execId, id)
    }),
  )
})

test('a process is one row, whatever it executes, and has the children of all its images', () => {
  const all = index()
  const started = (second: number) => ({ start_time: `2026-01-01T00:00:0${second}Z` })
  see(all, 'process_exec', { id: 'sh', pid: 1 })
  // A copy of the shell opens a file, and then executes a script: both are children of the shell.
  see(all, 'process_kprobe', { id: 'copy', parent: 'sh', pid: 2, more: started(1) })
  see(all, 'process_exec', { id: 'script', parent: 'sh', pid: 2, more: started(2) })
  see(all, 'process_exec', { id: 'tool', parent: 'script', pid: 3, more: started(3) })
  // The script executes its interpreter.
  see(all, 'process_exec', { id: 'python', parent: 'script', pid: 2, more: started(4) })
  see(all, 'process_exec', { id: 'curl', parent: 'python', pid: 4, more: started(5) })
  assert.deepEqual(names(all), ['sh', '  python', '    tool', '    curl'])
  const [, row] = all.tree().slice()
  assert.deepEqual(
    row.earlier.map(({ execId }) => execId),
    ['copy', 'script'],
  )
  assert.equal(row.children, 2)
  for (const id of ['copy', 'script', 'python']) {
    assert.deepEqual(
      all.images(id).map(({ execId }) => execId),
      ['copy', 'script', 'python'],
    )
    assert.equal(all.tree().positionOf(id), 1)
  }
  // A filter that only an earlier image matches shows that one.
  const onlyScript = all.tree(({ execId }) => execId === 'script').slice()
  assert.deepEqual(
    onlyScript.map(({ facts }) => facts.execId),
    ['sh', 'script'],
  )
})

test('a copy of a process that is known as a parent only ends when it executes something', () => {
  const all = index()
  const parent = { exec_id: 'copy', parent_exec_id: 'sh', pid: 2, binary: '/bin/sh' }
  const process = { exec_id: 'cat', parent_exec_id: 'copy', pid: 3, binary: '/bin/cat' }
  see(all, 'process_exec', { id: 'sh', pid: 1 })
  const parsed = parseEvent(JSON.stringify({ process_exec: { process, parent }, node_name: 'n' }))
  assert.ok(parsed.ok)
  all.see(parsed.event, 1)
  assert.equal(all.lineage('copy').at(-1)?.ending, '')
  see(all, 'process_exec', { id: 'rm', parent: 'sh', pid: 2 })
  assert.deepEqual(names(all), ['sh', '  rm', '    cat'])
  assert.equal(all.lineage('copy').at(-1)?.ending, 'exec')
})

test('a pid that is used again, or on another node, is another process', () => {
  const all = index()
  see(all, 'process_exec', { id: 'a', pid: 1 })
  see(all, 'process_exec', { id: 'b', parent: 'a', pid: 2 })
  see(all, 'process_exit', { id: 'b', parent: 'a', pid: 2 })
  see(all, 'process_exec', { id: 'c', parent: 'a', pid: 2 })
  assert.deepEqual(names(all), ['a', '  b', '  c'])
})

test('below a collapsed process nothing is shown, but it is counted', () => {
  const shape = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(4)), { maxLength: 12 })
  fc.assert(
    fc.property(shape, fc.uniqueArray(fc.nat(9), { maxLength: 4 }), (links, chosen) => {
      const all = index()
      for (const [id, parent, pid] of links) {
        see(all, 'process_exec', { id: `p${id}`, parent: `p${parent}`, pid })
      }
      const collapsed = new Set(chosen.map((id) => `p${id}`))
      const whole = all.tree().slice()
      const rows = all.tree(undefined, collapsed).slice()
      const shown = new Set(rows.map(({ facts }) => facts))
      assert.equal(
        rows.reduce((sum, { hidden }) => sum + hidden, rows.length),
        whole.length,
      )
      let below = Number.POSITIVE_INFINITY
      for (const { facts, earlier, depth } of whole) {
        if (depth <= below) below = Number.POSITIVE_INFINITY
        assert.equal(shown.has(facts), below === Number.POSITIVE_INFINITY)
        const isCollapsed = [facts, ...earlier].some(({ execId }) => collapsed.has(execId))
        if (isCollapsed) below = Math.min(below, depth)
      }
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
