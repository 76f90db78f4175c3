import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { countedTypes } from './counted-types.ts'
import { EventCounts } from './event-counts.ts'
import type { CountedProcess } from './label-sets.ts'
import { countedProcess } from './testing/counted-process.ts'

const exec = countedTypes.indexOf('PROCESS_EXEC')
const exit = countedTypes.indexOf('PROCESS_EXIT')
const kprobe = countedTypes.indexOf('PROCESS_KPROBE')
const hour = 3_600_000

const selected = { namespace: true, workload: true, pod: true, binary: true }
const labels = (binary: string) => ({ namespace: '', workload: '', pod: '', binary })

describe('counts of events', () => {
  it('are kept by type and binary', () => {
    const counts = new EventCounts(selected)
    const [a, otherA, b] = ['/bin/a', '/bin/a', '/bin/b'].map((each) => countedProcess(each))
    counts.count(exec, a)
    counts.count(exec, otherA)
    counts.count(exit, a)
    counts.count(exec, b)
    counts.count(exit, undefined)
    assert.deepEqual(counts.totals([], 0).events, [
      ['PROCESS_EXIT', labels(''), 1],
      ['PROCESS_EXEC', labels('/bin/a'), 2],
      ['PROCESS_EXIT', labels('/bin/a'), 1],
      ['PROCESS_EXEC', labels('/bin/b'), 1],
    ])
  })

  it('share one counter if binaries are not a label', () => {
    const counts = new EventCounts({ ...selected, binary: false })
    counts.count(exec, countedProcess('/bin/a'))
    counts.count(exec, countedProcess('/bin/b'))
    assert.deepEqual(counts.totals([], 0).events, [['PROCESS_EXEC', labels(''), 2]])
  })

  it('are kept by hook, while its policy is loaded', () => {
    const counts = new EventCounts(selected)
    const process = countedProcess('/bin/a')
    counts.addHook(3, { policy: 'p', names: ['kprobe:x', 'kprobe:y'] })
    counts.addHook(4, { policy: 'p', names: ['kprobe:y'] })
    counts.countHook(kprobe, 3, 0, process, undefined)
    counts.countHook(kprobe, 3, 1, process, undefined)
    counts.countHook(kprobe, 4, 0, process, undefined)
    assert.deepEqual(counts.totals([process], 0).policyEvents, [
      ['p', 'kprobe:x', labels('/bin/a'), 1],
      ['p', 'kprobe:y', labels('/bin/a'), 2],
    ])
    counts.removeHook(3)
    const { events, policyEvents } = counts.totals([process], 0)
    assert.deepEqual(policyEvents, [['p', 'kprobe:y', labels('/bin/a'), 1]])
    assert.deepEqual(events, [['PROCESS_KPROBE', labels('/bin/a'), 3]])
  })

  it('are kept by system call', () => {
    const counts = new EventCounts(selected)
    counts.addHook(1, { policy: 'p', names: ['tracepoint:raw_syscalls/sys_enter'] })
    const call = process.arch === 'arm64' ? 63 : 0
    counts.countHook(kprobe, 1, 0, countedProcess('/bin/a'), call)
    counts.countHook(kprobe, 1, 0, countedProcess('/bin/a'), 99_999)
    counts.countHook(kprobe, 1, 0, countedProcess('/bin/a'), 2 ** 31 + 1)
    assert.deepEqual(counts.totals([], 0).syscalls, [
      ['sys_read', labels('/bin/a'), 1],
      ['sys_99999', labels('/bin/a'), 1],
      ['sys_exit', labels('/bin/a'), 1],
    ])
  })

  it('are removed some time after the last process with that label', () => {
    const counts = new EventCounts(selected)
    const process = countedProcess('/bin/a')
    counts.count(exec, process)
    const binaries = (live: CountedProcess[], now: number) =>
      counts.totals(live, now).events.map(([, { binary }]) => binary)
    assert.deepEqual(binaries([process], 0), ['/bin/a'])
    assert.deepEqual(binaries([process], hour), ['/bin/a'], 'it lives')
    counts.count(exit, process)
    assert.deepEqual(binaries([], 2 * hour), ['/bin/a', '/bin/a'], 'its last values are told')
    assert.deepEqual(binaries([], 3 * hour), [])
  })

  it('have a limited number of counters; none is left out of the sum', () => {
    const counts = new EventCounts(selected)
    const functions = 20
    const names = Array.from({ length: functions }, (_, i) => `kprobe:${i}`)
    counts.addHook(1, { policy: 'p', names })
    const processes = Array.from({ length: 5000 }, (_, i) => {
      return countedProcess(`/bin/${i}`, { namespace: 'n', name: `p${i % 5}` })
    })
    for (const process of processes) {
      for (let i = 0; i < functions; i++) counts.countHook(kprobe, 1, i, process, undefined)
    }
    const { events, policyEvents } = counts.totals(processes, 0)
    const sum = (all: readonly (readonly unknown[])[]) =>
      all.reduce((total, each) => total + Number(each.at(-1)), 0)
    assert.equal(sum(events), 5000 * functions)
    assert.equal(sum(policyEvents), 5000 * functions)
    assert.ok(policyEvents.length <= 65_536 + functions)
  })

  it('name a binary whatever its name is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        fc.pre(name.isWellFormed())
        const counts = new EventCounts(selected)
        counts.count(exec, countedProcess(name))
        assert.deepEqual(counts.totals([], 0).events, [['PROCESS_EXEC', labels(name), 1]])
      }),
    )
  })
})
