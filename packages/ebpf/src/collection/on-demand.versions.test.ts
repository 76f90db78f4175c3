import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Int, kernelStruct, onDemand, program } from '../lang/index.ts'
import { hashMap } from '../maps/index.ts'
import { hostPid } from '../programs/index.ts'
import { u32, u64 } from '../records/index.ts'
import { probe } from '../testing/index.ts'
import { Collection } from './index.ts'

interface TaskStruct {
  readonly tgid: Int
}
const TaskStruct = kernelStruct<TaskStruct>('task_struct')

test('a program on demand gets arguments and gives a number', () => {
  using collection = new Collection()
  const sum = program('sum', onDemand('first', 'second'), (k, first, second) => {
    k.exit(first.add(second))
  })
  const context = new Uint8Array(BigUint64Array.of(40n, 2n).buffer)
  assert.equal(collection.load(sum).testRun({ context }).returnValue, 42)
})

test('a program on demand runs in the thread that asks for it, and is attached nowhere', () => {
  using collection = new Collection()
  const own = program('own', onDemand(), (k) => {
    k.exit(k.call('get_current_pid_tgid').shiftRight(32))
  })
  assert.equal(collection.load(own).testRun().returnValue, hostPid())
  assert.throws(() => collection.attach(own), /attach own: it runs on demand only/)
})

test('a program visits every process', (t) => {
  const { answer, reason } = probe('each_process')
  if (answer !== 'yes') return t.skip(`each_process: ${reason}`)
  const visits = hashMap('visits', { key: u32, value: u64, maxEntries: 65536, preallocate: false })
  using collection = new Collection()
  const walk = program('walk', onDemand(), (k) => {
    k.eachProcess(TaskStruct, ({ tgid }) => {
      const known = k.lookup(visits, tgid)
      k.when(known, () => {
        k.increment(known, 'value')
        k.exit() // continues with the next process
      })
      k.update(visits, tgid, 1)
    })
    k.exit(7) // after the last one
  })
  assert.equal(collection.load(walk).testRun().returnValue, 7)
  const found = new Map(collection.map(visits).entries())
  assert.ok(found.has(process.pid))
  // Children of this process, kernel threads and all others, each once.
  assert.ok(found.size > 2)
  for (const count of found.values()) assert.equal(count, 1n)
})

test('what is to be done at the end of a program is not done after each process', (t) => {
  const { answer, reason } = probe('each_process')
  if (answer !== 'yes') return t.skip(`each_process: ${reason}`)
  using collection = new Collection()
  const faulty = program('faulty', onDemand(), (k) => {
    k.beforeExit(() => {})
    k.eachProcess(TaskStruct, () => {})
  })
  assert.throws(() => collection.load(faulty), /a loop over processes cannot run endings/)
})
