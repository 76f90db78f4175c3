import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { array, hashMap } from '../maps/index.ts'
import { record, u32, u64 } from '../records/index.ts'
import { Collection, type Int, kernelStruct, type Ptr, program, tpBtf } from './index.ts'

interface TaskStruct {
  readonly tgid: Int
  readonly pid: Int
  readonly real_parent: Ptr<TaskStruct>
  readonly start_boottime: Int
}
kernelStruct<TaskStruct>('task_struct', {
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
