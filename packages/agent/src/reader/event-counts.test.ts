import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type CountedProcess, countedTypes, EventCounts } from './event-counts.ts'

const exec = countedTypes.indexOf('PROCESS_EXEC')
const exit = countedTypes.indexOf('PROCESS_EXIT')
const kprobe = countedTypes.indexOf('PROCESS_KPROBE')
const hour = 3_600_000

/** A cached process; only its image matters here. */
function processOf(binary: string): CountedProcess {
  const json = JSON.stringify({ cwd: '/","binary":"x', binary, arguments: '","binary":"y"' })
  const image = Buffer.from(`,${json.slice(1, -1)}`).toString('latin1')
  return { image, counts: undefined }
}

describe('counts of events', () => {
  it('are kept by type and binary', () => {
    const counts = new EventCounts({ binary: true })
    const [a, otherA, b] = ['/bin/a', '/bin/a', '/bin/b'].map(processOf)
    counts.count(exec, a)
    counts.count(exec, otherA)
    counts.count(exit, a)
    counts.count(exec, b)
    counts.count(exit, undefined)
    assert.deepEqual(counts.totals([], 0).events, [
      ['PROCESS_EXIT', '', 1],
      ['PROCESS_EXEC', '/bin/a', 2],
      ['PROCESS_EXIT', '/bin/a', 1],
      ['PROCESS_EXEC', '/bin/b', 1],
    ])
  })

  it('share one counter if binaries are not a label', () => {
    const counts = new EventCounts({ binary: false })
    counts.count(exec, processOf('/bin/a'))
    counts.count(exec, processOf('/bin/b'))
    assert.deepEqual(counts.totals([], 0).events, [['PROCESS_EXEC', '', 2]])
  })

  it('are kept by hook, while its policy is loaded', () => {
    const counts = new EventCounts({ binary: true })
    const process = processOf('/bin/a')
    counts.addHook(3, { policy: 'p', names: ['kprobe:x', 'kprobe:y'] })
    counts.addHook(4, { policy: 'p', names: ['kprobe:y'] })
    counts.countHook(kprobe, 3, 0, process, undefined)
    counts.countHook(kprobe, 3, 1, process, undefined)
    counts.countHook(kprobe, 4, 0, process, undefined)
    assert.deepEqual(counts.totals([process], 0).policyEvents, [
      ['p', 'kprobe:x', '/bin/a', 1],
      ['p', 'kprobe:y', '/bin/a', 2],
    ])
    counts.removeHook(3)
    const { events, policyEvents } = counts.totals([process], 0)
    assert.deepEqual(policyEvents, [['p', 'kprobe:y', '/bin/a', 1]])
    assert.deepEqual(events, [['PROCESS_KPROBE', '/bin/a', 3]])
  })

  it('are kept by system call', () => {
    const counts = new EventCounts({ binary: true })
    counts.addHook(1, { policy: 'p', names: ['tracepoint:raw_syscalls/sys_enter'] })
    const call = process.arch === 'arm64' ? 63 : 0
    counts.countHook(kprobe, 1, 0, processOf('/bin/a'), call)
    counts.countHook(kprobe, 1, 0, processOf('/bin/a'), 99_999)
    counts.countHook(kprobe, 1, 0, processOf('/bin/a'), 2 ** 31 + 1)
    assert.deepEqual(counts.totals([], 0).syscalls, [
      ['sys_read', '/bin/a', 1],
      ['sys_99999', '/bin/a', 1],
      ['sys_exit', '/bin/a', 1],
    ])
  })

  it('are removed some time after the last process with that label', () => {
    const counts = new EventCounts({ binary: true })
    const process = processOf('/bin/a')
    counts.count(exec, process)
    const binaries = (live: CountedProcess[], now: number) =>
      counts.totals(live, now).events.map(([, binary]) => binary)
    assert.deepEqual(binaries([process], 0), ['/bin/a'])
    assert.deepEqual(binaries([process], hour), ['/bin/a'], 'it lives')
    counts.count(exit, process)
    assert.deepEqual(binaries([], 2 * hour), ['/bin/a', '/bin/a'], 'its last values are told')
    assert.deepEqual(binaries([], 3 * hour), [])
  })

  it('are limited: further ones share a label', () => {
    const counts = new EventCounts({ binary: true })
    counts.addHook(1, { policy: 'p', names: ['kprobe:x'] })
    const processes = Array.from({ length: 5000 }, (_, i) => processOf(`/bin/${i}`))
    for (const process of processes) counts.countHook(kprobe, 1, 0, process, undefined)
    const { events, policyEvents } = counts.totals(processes, 0)
    assert.equal(events.length, 4097)
    assert.deepEqual(events[0], ['PROCESS_KPROBE', '(others)', 5000 - 4096])
    const sum = policyEvents.reduce((all, [, , , count]) => all + count, 0)
    assert.equal(sum, 5000)
  })

  it('name a binary whatever its name is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        fc.pre(name.isWellFormed())
        const counts = new EventCounts({ binary: true })
        counts.count(exec, processOf(name))
        assert.deepEqual(counts.totals([], 0).events, [['PROCESS_EXEC', name, 1]])
      }),
    )
  })
})
