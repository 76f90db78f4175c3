import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Process } from '../../processes/process.ts'
import { ExecIds } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import type { EventContext } from '../event-context.ts'
import { Parents } from './parents.ts'
import type { ProcessEventWriter } from './process-event-writer.ts'
import type { Identity } from './process-input.ts'

const above = { pid: 5, ktime: 70, ktimeHigh: 0, ktimeLow: 70 }

function identity(pid: number): Identity {
  return { key: { pid }, parent: above, euid: 0, auid: 0 } as Identity
}

function setUp() {
  const cache = new ProcessCache()
  const written: string[] = []
  const context = { cache, execIds: new ExecIds('node') } as unknown as EventContext
  const exec = ({ execId }: Process) => written.push(execId)
  const parents = new Parents(context, { exec } as unknown as ProcessEventWriter)
  const fork = (pid: number): Process => {
    const parent = parents.find(above) ?? parents.before(identity(pid))
    const child = { pid, start: pid, ktime: pid, parent, references: 1 } as Process
    cache.add(child)
    return child
  }
  return { cache, written, parents, fork }
}

describe('a parent without a record', () => {
  it('has one event, whether its children live at the same time or not', () => {
    const { cache, written, fork } = setUp()
    const [first, second] = [fork(10), fork(11)]
    const { parent } = first
    assert.ok(parent && second.parent === parent)
    for (const child of [first, second]) cache.remove(child)
    assert.equal(cache.size, 0)
    const third = fork(12)
    assert.equal(third.parent, parent)
    assert.equal(written.length, 1)
    assert.equal(cache.size, 2)
    cache.remove(third)
    assert.equal(cache.size, 0)
  })

  it('is only added while the running processes are being read', () => {
    const { parents, fork, written } = setUp()
    parents.endStart()
    assert.equal(fork(10).parent, undefined)
    assert.deepEqual(written, [])
  })
})

describe('a parent whose exit is read before the fork', () => {
  it('is the parent of the child', () => {
    const { cache, parents, fork, written } = setUp()
    parents.endStart()
    const parent = { pid: 5, start: 70, ktime: 70, references: 1 } as Process
    cache.add(parent)
    cache.remove(parent)
    assert.equal(fork(10).parent, parent)
    assert.deepEqual(written, [])
  })
})
