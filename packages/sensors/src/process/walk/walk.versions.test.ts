import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { probe } from '@tetragon-ts/ebpf/features'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { hashMap } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import { eachProcessWalk, iteratorWalk, type ProcessWalk, pidWalk } from './index.ts'
import { findsItself } from './pid-walk.ts'

const answer = probe('each_process')
const walks: Record<string, ProcessWalk> = {
  iterator: iteratorWalk(true),
  'lookup of pids': pidWalk('/proc'),
  ...(answer.answer === 'yes' && { 'iterator for programs': eachProcessWalk }),
}

const targets: Record<string, Partial<Target>> = {
  'with helpers': {},
  'with direct reads': { directReads: probe('direct_reads').answer === 'yes' },
}

const Seen = record('seen', { parent: u32, start: u64, visits: u64 })

/** The processes that a walk visits. */
function visited(walk: ProcessWalk, target: Partial<Target>) {
  using collection = new Collection(target)
  const seen = hashMap('seen', { key: u32, value: Seen, maxEntries: 65536, preallocate: false })
  const walker = walk.program('walk', (k, task) => {
    k.when(task.pid.ne(task.tgid), k.exit)
    const known = k.lookup(seen, task.tgid)
    k.when(known, () => {
      k.increment(known, 'visits')
      k.exit()
    })
    const [start, parent] = [task.start_boottime, task.real_parent.tgid]
    k.update(seen, task.tgid, { parent, start, visits: 1 })
  })
  walk.run(collection.load(walker))
  return new Map(collection.map(seen).entries())
}

const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name))

for (const [name, walk] of Object.entries(walks)) {
  for (const [how, target] of Object.entries(targets)) {
    test(`${name}, ${how}: visits every process once`, async () => {
      const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' })
      try {
        const before = new Set(pids())
        const found = visited(walk, target)
        const both = pids().filter((pid) => before.has(pid))
        // Some microVMs hide their first process.
        const missing = both.filter((pid) => pid !== '1' && !found.has(Number(pid)))
        assert.deepEqual(missing, [])
        assert.ok(both.length > 2)
        assert.equal(found.get(child.pid ?? 0)?.parent, process.pid)
        for (const [pid, { visits, start }] of found) {
          // The idle task, which only the iterator for programs visits, started at 0.
          assert.deepEqual([visits, pid === 0 || start > 0n], [1n, true])
        }
        // The same key as every other walk.
        const reference = visited(iteratorWalk(true), {})
        for (const pid of [process.pid, child.pid ?? 0]) {
          assert.equal(found.get(pid)?.start, reference.get(pid)?.start)
        }
      } finally {
        child.kill('SIGKILL')
      }
    })
  }
}

test('the iterator for programs is there', (t) => {
  if (answer.answer !== 'yes') t.skip(`each_process: ${answer.reason}`)
})

test('a lookup finds the process that it runs in', () => {
  assert.equal(findsItself({ btf: Btf.open(), bpfLoop: false }), true)
})

test('a lookup of a pid that nothing has visits nothing', () => {
  // Also beyond the largest pid in use, and beyond every pid.
  for (const pid of [0, 4_194_303, 4_194_304, 2 ** 31, 2 ** 32 + process.pid]) {
    using collection = new Collection()
    const seen = hashMap('seen', { key: u32, value: u64, maxEntries: 4 })
    const walker = walks['lookup of pids'].program('walk', (k, task) => {
      k.update(seen, task.tgid, 1)
    })
    const context = new Uint8Array(BigUint64Array.of(BigInt(pid)).buffer)
    collection.load(walker).testRun({ context })
    assert.deepEqual([...collection.map(seen).keys()], [])
  }
})
