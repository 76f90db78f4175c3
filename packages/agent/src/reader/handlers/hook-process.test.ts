import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hookFlags, noProcess } from '@tetragon-ts/compiler/hooks'
import type { Process } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import { HookProcess, type ProcessOfRecord } from './hook-process.ts'

function image(pid: number, start: number, execs: number, parent?: Process): Process {
  return { pid, start, execs, parent, references: 1 } as Process
}

function record(
  pid: number,
  start: number,
  execs: number,
  flags = 0,
  owner?: ProcessOfRecord['owner'],
): ProcessOfRecord {
  return { header: { pid, start, execs, flags, timeHigh: 0, timeLow: 0 }, owner }
}

function setUp() {
  const cache = new ProcessCache()
  cache.keepsEnded = true
  const found = new HookProcess(cache)
  const find = (given: ProcessOfRecord): Process | undefined => {
    found.find(given)
    return found.process
  }
  return { cache, found, find }
}

describe('the process of a hook record', () => {
  it('is the live image of the same start and exec count', () => {
    const { cache, found, find } = setUp()
    const process = image(7, 100, 3)
    cache.add(process)
    assert.equal(find(record(7, 100, 3)), process)
    assert.equal(find(record(7, 101, 3)), undefined)
    assert.equal(find(record(7, 100, 4)), undefined)
    assert.equal(find(record(7, 100, 2)), undefined)
    assert.equal(find(record(8, 100, 3)), undefined)
    assert.equal(found.stale, 3)
  })

  it('is the previous image while execve replaces it', () => {
    const { cache, find } = setUp()
    const process = image(7, 100, 3)
    cache.add(process)
    assert.equal(find(record(7, 100, 4, hookFlags.executing)), process)
    assert.equal(find(record(7, 100, 3, hookFlags.executing)), process)
    assert.equal(find(record(7, 100, 5, hookFlags.executing)), undefined)
  })

  it('is one that ended, with its parent', () => {
    const { cache, found, find } = setUp()
    const parent = image(6, 50, 1)
    const process = image(7, 100, 3, parent)
    for (const each of [parent, process]) cache.add(each)
    cache.remove(process)
    assert.equal(find(record(7, 100, 3)), process)
    assert.equal(found.parent, parent)
    assert.equal(find(record(7, 100, 4)), undefined)
    cache.add(image(7, 200, 0))
    assert.equal(find(record(7, 100, 3)), process)
    assert.equal(find(record(7, 200, 0))?.start, 200)
  })

  it('is the image that entered a call, also when another one has replaced it', () => {
    const { cache, found } = setUp()
    const first = image(7, 100, 3)
    cache.add(first)
    const kept = found.keep(record(7, 100, 3))
    cache.add(image(7, 100, 4, first))
    found.find(record(7, 100, 4))
    found.restore(kept)
    assert.equal(found.process, first)
  })

  it('is the owner of the socket, of a later image too', () => {
    const { cache, find } = setUp()
    const process = image(7, 100, 3)
    cache.add(process)
    const owned = (start: number, execs: number) => record(1, 1, 0, 0, { pid: 7, start, execs })
    assert.equal(find(owned(100, 2)), process)
    assert.equal(find(owned(100, 4)), undefined)
    assert.equal(find(owned(101, 3)), undefined)
    cache.remove(process)
    assert.equal(find(owned(100, 3)), process)
  })

  it('is looked up if the cache lacks it', () => {
    const cache = new ProcessCache()
    const [process, previous] = [image(7, 100, 3), image(8, 200, 1)]
    cache.add(previous)
    const asked: unknown[] = []
    const found = new HookProcess(cache, ({ pid, start, execs }) => {
      asked.push([pid, start, execs])
      if (pid === 8) return 'previous'
      if (start !== 100) return 'none'
      cache.add(process)
      return 'added'
    })
    const find = (given: ProcessOfRecord): Process | undefined => {
      found.find(given)
      return found.process
    }
    assert.equal(find(record(7, 99, 3)), undefined)
    assert.equal(find(record(7, 100, 3)), process)
    assert.equal(find(record(7, 100, 3)), process)
    // The hit is from within the exec.
    assert.equal(find(record(8, 200, 2)), previous)
    assert.equal(found.stale, 0)
    assert.deepEqual(asked, [
      [7, 99, 3],
      [7, 100, 3],
      [8, 200, 2],
    ])
  })

  it('is unknown for a hit without a process, unless its socket has an owner', () => {
    const { cache, found, find } = setUp()
    const process = image(7, 100, 3)
    cache.add(process)
    assert.equal(find(record(noProcess, 0, 0)), undefined)
    assert.equal(find(record(noProcess, 0, 0, 0, { pid: 7, start: 100, execs: 3 })), process)
    assert.equal(find(record(noProcess, 0, 0, 0, { pid: 0, start: 0, execs: 0 })), undefined)
    assert.equal(found.stale, 0)
  })

  it('is the kernel for the idle task of each CPU', () => {
    const { cache, find } = setUp()
    const kernel = image(0, 0, 0)
    cache.add(kernel)
    assert.equal(find(record(0, 12345, 0)), kernel)
  })
})
