import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Code,
  type Int,
  kernelStruct,
  LanguageError,
  type Ptr,
  program,
  tpBtf,
} from '../lang/index.ts'
import { array, hashMap } from '../maps/index.ts'
import { VerifierError } from '../programs/index.ts'
import { record, u32, u64 } from '../records/index.ts'
import { Collection } from './index.ts'

interface Task {
  readonly tgid: Int
  readonly favourite_colour: Int
}
const exit = () => tpBtf<[task: Ptr<Task>]>('sched_process_exit')
const numbers = hashMap('numbers', { key: u32, value: u64, maxEntries: 16 })

function failure(body: (k: Code, task: Ptr<Task>) => void): Error {
  using collection = new Collection()
  try {
    collection.load(program('faulty', exit(), body))
  } catch (error) {
    return error as Error
  }
  throw new Error('the program was accepted')
}

test('a field that the kernel lacks is named with program, structure and line', () => {
  const error = failure((_, task) => task.favourite_colour)
  assert.ok(error instanceof LanguageError)
  assert.match(error.message, /^build program faulty: task_struct has no field favourite_colour/)
  assert.match(error.message, /errors\.versions\.test\.ts:\d+:\d+\)$/)
})

test('the result of a lookup must be tested before it is used', () => {
  const error = failure((k, task) => k.increment(k.lookup(numbers, task.tgid), 'value'))
  assert.ok(error instanceof LanguageError)
  assert.match(error.message, /value\.value is used before the pointer was compared with null/)
})

test('a loop body cannot end the program when the loop is a callback', () => {
  using collection = new Collection({ bpfLoop: true })
  const faulty = program('faulty', exit(), (k) => k.loop(100, () => k.exit()))
  assert.throws(() => collection.load(faulty), /a loop body cannot end the program/)
})

test('what the verifier refuses points at the line', () => {
  const scratch = array('scratch', { value: u64, maxEntries: 1 })
  const error = failure((k) => {
    const memory = k.scratch(scratch)
    memory.store(8, 4096, 1)
  })
  assert.ok(error instanceof VerifierError)
  assert.equal(error.code, 'EBPF_VERIFIER')
  assert.match(error.message, /^load program faulty: EACCES/)
  assert.match(error.message, /errors\.versions\.test\.ts:\d+/)
  assert.match(error.log, /invalid access to map value/)
})

test('more values than the stack holds is an error, not a broken program', () => {
  const Large = record(
    'large',
    Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`f${i}`, u64])),
  )
  const large = hashMap('large', { key: u32, value: Large, maxEntries: 1 })
  const error = failure((k, task) => k.update(large, task.tgid, {}))
  assert.equal((error as LanguageError).code, 'EBPF_LANG_STACK')
})

test('a structure or a tracepoint that does not exist', () => {
  const error = failure((k, task) => k.cast(kernelStruct('no_such_struct'), k.address(task)))
  assert.match(error.message, /this kernel has no structure no_such_struct/)
  using collection = new Collection()
  const faulty = program('faulty', tpBtf('no_such_tracepoint'), () => {})
  assert.throws(() => collection.load(faulty), /find tracepoint no_such_tracepoint/)
})
