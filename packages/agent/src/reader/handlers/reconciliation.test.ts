import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Process } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import { Reconciliation } from './reconciliation.ts'

function image(pid: number, start = pid): Process {
  return { pid, start, execs: 0, references: 1 } as Process
}

function setUp(count: number) {
  const cache = new ProcessCache()
  for (let pid = 0; pid <= count; pid++) cache.add(image(pid))
  /** Start by pid. */
  const table = new Map([...cache.live].map(({ pid, start }) => [pid, start]))
  const procfs = new Set<number>()
  const ring = { end: 100, read: 100, hasReached: (end: number) => ring.read >= end }
  const ended: number[] = []
  const reconciliation = new Reconciliation(cache, ring, (process) => {
    ended.push(process.pid)
    cache.remove(process)
  })
  let now = 0
  let lookups = 0
  const live = {
    startOf(pid: number) {
      lookups++
      return table.get(pid)
    },
    isInProcfs: ({ pid }: Pick<Process, 'pid'>) => procfs.has(pid),
  }
  return {
    cache,
    table,
    procfs,
    ring,
    ended,
    request: () => reconciliation.request(live),
    /** Runs it for a while. @returns lookups of the largest step */
    work(ms: number): number {
      let largest = 0
      for (const until = now + ms; now < until; now += 10) {
        lookups = 0
        reconciliation.step(now)
        largest = Math.max(largest, lookups)
      }
      return largest
    },
  }
}

describe('reconciliation', () => {
  it('ends processes that neither the table nor /proc has, in bounded steps', () => {
    const { cache, table, procfs, ended, request, work } = setUp(3000)
    for (const pid of [5, 1700, 2999]) table.delete(pid)
    table.set(9, 1_000_000)
    table.delete(11)
    procfs.add(11)
    assert.equal(work(5000), 0)
    request()
    const largest = work(5000)
    assert.ok(largest <= 256, `${largest} lookups`)
    assert.deepEqual(ended, [5, 9, 1700, 2999])
    assert.equal(cache.liveCount, 3001 - 4)
    assert.equal(work(5000), 0)
  })

  it('waits for records that were in the ring', () => {
    const { table, ring, ended, request, work } = setUp(10)
    table.delete(3)
    ring.end = 500
    request()
    work(5000)
    assert.deepEqual(ended, [])
    ring.read = 500
    work(100)
    assert.deepEqual(ended, [3])
  })

  it('leaves processes alone whose exit record comes, and those that took over a pid', () => {
    const { cache, table, ended, request, work } = setUp(10)
    table.delete(3)
    table.delete(4)
    request()
    work(500)
    cache.remove(cache.get(3) as Process)
    cache.remove(cache.get(4) as Process)
    cache.add(image(4, 77))
    work(5000)
    assert.deepEqual(ended, [])
  })

  it('starts over when more is lost before it ends', () => {
    const { table, ended, request, work } = setUp(10)
    table.delete(3)
    request()
    work(500)
    table.delete(4)
    request()
    work(5000)
    assert.deepEqual(ended, [3, 4])
  })
})
