import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordMemory } from '@tetragon-ts/ebpf/records'
import type { Process } from '../../processes/process.ts'
import { testPipeline } from '../testing/test-pipeline.ts'
import { forkRecord, type TestProcess } from '../testing/test-records.ts'
import { MissingParents } from './missing-parents.ts'
import { ProcessBuilder, ProcessInput } from './process-builder.ts'
import { ProcessEventWriter } from './process-event-writer.ts'

const above: TestProcess = { pid: 5, start: 70 }

function setUp() {
  const { context } = testPipeline()
  const { cache } = context
  const writer = new ProcessEventWriter(context)
  const parents = new MissingParents(context, writer)
  const builder = new ProcessBuilder(context)
  /** Reads the record of a fork, as the handler of records does. */
  const add = (process: TestProcess): Process => {
    const record = forkRecord(process)
    const input = new ProcessInput(context, recordMemory(new ArrayBuffer(record.length)))
    input.memory.bytes.set(record)
    input.fork.at(0)
    const { identity } = input.fork
    const { pid, ktime } = identity.parent
    const missing = (): Process | undefined =>
      parents.find(identity.parent) ?? parents.before(identity)
    const parent = cache.find(pid, ktime) ?? missing()
    const added = builder.forked(input, 0, parent, parent)
    cache.add(added)
    return added
  }
  const fork = (pid: number): Process => add({ pid, start: pid * 10, parent: above })
  return { cache, writer, parents, add, fork }
}

describe('a parent without a record', () => {
  it('has one event, whether its children live at the same time or not', () => {
    const { cache, writer, fork } = setUp()
    const [first, second] = [fork(10), fork(11)]
    const { parent } = first
    assert.ok(parent && second.parent === parent)
    for (const child of [first, second]) cache.remove(child)
    assert.equal(cache.size, 0)
    const third = fork(12)
    assert.equal(third.parent, parent)
    assert.equal(writer.written, 1)
    assert.equal(cache.size, 2)
    cache.remove(third)
    assert.equal(cache.size, 0)
  })

  it('is only added while the running processes are being read', () => {
    const { parents, fork, writer } = setUp()
    parents.endStart()
    assert.equal(fork(10).parent, undefined)
    assert.equal(writer.written, 0)
  })
})

describe('a parent whose exit is read before the fork', () => {
  it('is the parent of the child', () => {
    const { cache, parents, add, fork, writer } = setUp()
    parents.endStart()
    const parent = add(above)
    cache.remove(parent)
    assert.equal(fork(10).parent, parent)
    assert.equal(writer.written, 0)
  })
})
