import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { Btf } from '../btf/index.ts'
import { type Elements, type Int, kernelStruct, type Ptr, program, tpBtf } from '../lang/index.ts'
import { array, hashMap } from '../maps/index.ts'
import { record, u32, u64 } from '../records/index.ts'
import { probe } from '../testing/index.ts'
import { Collection } from './index.ts'

interface TaskStruct {
  readonly tgid: Int
  readonly pid: Int
  readonly real_parent: Ptr<TaskStruct>
  readonly start_boottime: Int
  readonly comm: Elements<Int>
}
const TaskStruct = kernelStruct<TaskStruct>('task_struct', {
  start_boottime: ['start_boottime', 'real_start_time'],
})

test('a typed program records who executes', () => {
  const Seen = record('seen', { parent: u32, started: u64 })
  const seen = hashMap('seen', { key: u32, value: Seen, maxEntries: 1024 })
  const counts = array('counts', { value: u64, maxEntries: 1 })
  const onExec = program('on_exec', tpBtf<[Ptr<TaskStruct>]>('sched_process_exec'), (k, task) => {
    k.update(seen, task.tgid, { parent: task.real_parent.tgid, started: task.start_boottime })
    const count = k.lookup(counts, 0)
    k.unless(count, k.exit)
    k.increment(count, 'value')
  })
  using collection = new Collection()
  collection.attach(onExec)
  const pid = Number(execFileSync('/bin/sh', ['-c', 'echo $$']))
  const entry = collection.map(seen).lookup(pid)
  assert.equal(entry?.parent, process.pid)
  assert.ok(entry.started > 0n)
  assert.ok((collection.map(counts).lookup(0) ?? 0n) >= 1n)
})

const waysToRead = [
  { way: 'with helpers', needs: 'tp_btf', directReads: false, openReads: false },
  { way: 'directly', needs: 'direct_reads', directReads: true, openReads: false },
  { way: 'with one cast a structure', needs: 'open_reads', directReads: true, openReads: true },
] as const
for (const { way, needs, ...reads } of waysToRead) {
  test(`kernel memory is read ${way}`, (t) => {
    const { answer, reason } = probe(needs)
    if (answer !== 'yes') return t.skip(`${needs}: ${reason}`)
    const numbers = { parent: u32, started: u64, nowhere: u64, name: u32, null: u64, far: u32 }
    const Read = record('read', numbers)
    const seen = hashMap('seen', { key: u32, value: Read, maxEntries: 1024 })
    const onExec = program('on_exec', tpBtf<[Ptr<TaskStruct>]>('sched_process_exec'), (k, task) => {
      const untyped = k.cast(TaskStruct, k.address(task))
      const { real_parent, start_boottime } = k.snapshot(TaskStruct, task, [
        'real_parent',
        'start_boottime',
      ])
      k.update(seen, untyped.tgid, {
        parent: real_parent.tgid,
        started: start_boottime,
        nowhere: k.loadKernel(8, k.constant(16)),
        null: k.cast(TaskStruct, k.constant(0)).start_boottime,
        far: k.cast(TaskStruct, k.number(task)).real_parent.tgid,
        // Not aligned. Older kernels leave the rest of the last name behind the end of a new one.
        name: k.loadKernel(4, k.addressOf(task, 'comm').add(1)).and(0xffff),
      })
    })
    using collection = new Collection(reads)
    collection.attach(onExec)
    const pid = Number(execFileSync('/bin/sh', ['-c', 'echo $$; exit 0']))
    const entry = collection.map(seen).lookup(pid)
    assert.ok(entry)
    const { parent, started, nowhere, name, far } = entry
    assert.deepEqual([parent, nowhere, name], [process.pid, 0n, 'h'.charCodeAt(0)])
    assert.deepEqual([entry.null, far], [0n, process.pid])
    assert.ok(started > 0n)
  })
}

test('a member that lies further on than an instruction can say is read', (t) => {
  const Node = kernelStruct<{ readonly node_id: Int }>('pglist_data')
  const id = Btf.open().find('pglist_data', 'struct')
  const at = id === undefined ? undefined : Btf.open().member(id, 'node_id')?.bitOffset
  if (at === undefined || at / 8 < 2 ** 15) return t.skip('pglist_data.node_id is not that far')
  const results = array('results', { value: u64, maxEntries: 1 })
  const onExec = program('on_exec', tpBtf<[Ptr<TaskStruct>]>('sched_process_exec'), (k) => {
    const entry = k.lookup(results, 0)
    // Nothing is there: a read that faults gives 0.
    k.when(entry, () => k.assign(entry, { value: k.cast(Node, k.constant(0)).node_id.add(1) }))
  })
  const yes = (name: 'direct_reads' | 'open_reads') => probe(name).answer === 'yes'
  using collection = new Collection({
    directReads: yes('direct_reads'),
    openReads: yes('open_reads'),
  })
  collection.attach(onExec)
  execFileSync('/bin/true')
  assert.equal(collection.map(results).lookup(0), 1n)
})

test('map operations give negative error numbers on every kernel', () => {
  const table = hashMap('table', { key: u32, value: u64, maxEntries: 4 })
  const results = array('results', { value: u64, maxEntries: 3 })
  const onExec = program('on_exec', tpBtf<[Ptr<TaskStruct>]>('sched_process_exec'), (k) => {
    const keep = (index: number, value: Int): void => {
      const entry = k.lookup(results, index)
      k.when(entry, () => k.assign(entry, { value }))
    }
    k.update(table, 1, 5)
    const again = k.update(table, 1, 6, 'new')
    keep(0, again)
    keep(1, k.select(again.eq(-17), 1, 0)) // EEXIST
    keep(2, k.select(k.remove(table, 2).eq(-2), 1, 0)) // ENOENT
  })
  using collection = new Collection()
  collection.attach(onExec)
  execFileSync('/bin/true')
  const values = [...collection.map(results).entries()].map(([, value]) => value)
  assert.deepEqual(values, [BigInt.asUintN(64, -17n), 1n, 1n])
})
