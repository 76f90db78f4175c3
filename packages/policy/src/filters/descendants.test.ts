import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Filter, Process } from '@tetragon-ts/api'
import { compileFilterLists, type FilterSubject } from './filters.ts'

interface Run {
  readonly pid: number
  readonly id: string
  readonly parent?: string
}

function process({ pid, id, parent }: Run): Process {
  return { pid, exec_id: id, parent_exec_id: parent, binary: `/bin/${id}` }
}

function event(key: 'process_exec' | 'process_exit', run: Run, parent?: Run): FilterSubject {
  return { key, process: process(run), parent: parent && process(parent), response: {} }
}

const init = { pid: 1, id: 'init' }
const shell = { pid: 5, id: 'sh', parent: 'init' }
const make = { pid: 6, id: 'make', parent: 'sh' }
const cc = { pid: 7, id: 'cc', parent: 'make' }
const other = { pid: 8, id: 'other', parent: 'init' }

const events: FilterSubject[] = [
  event('process_exec', shell, init),
  event('process_exec', make, shell),
  event('process_exec', cc, make),
  event('process_exec', other, init),
  event('process_exit', make, shell),
  event('process_exec', { pid: 9, id: 'ld', parent: 'cc' }, cc),
  event('process_exit', cc, init),
]

function passing(allow: Filter[], deny: Filter[] = [], running: Process[] = []): string {
  const { match, addRunning } = compileFilterLists(allow, deny)
  addRunning?.(running)
  return events.map((each) => (match(each) ? '1' : '0')).join('')
}

test('a set of pids includes those processes and their descendants', () => {
  assert.equal(passing([{ pid_set: [5] }]), '1110111')
  assert.equal(passing([{ pid_set: [7, 8] }]), '0011011')
  assert.equal(passing([{ pid_set: [1] }]), '1111111')
  assert.equal(passing([{ pid_set: [42] }]), '0000000')
  assert.equal(passing([], [{ pid_set: [5] }]), '0001000')
})

test('every event is seen, whatever other filters decide', () => {
  const onlyLinker = { pid_set: [5], binary_regex: ['ld$'] }
  assert.equal(passing([onlyLinker]), '0000010')
  assert.equal(
    passing([{ binary_regex: ['make|cc'] }, { pid_set: [6], binary_regex: ['ld'] }]),
    '0110111',
  )
  assert.equal(passing([{ binary_regex: ['ld'] }], [{ pid_set: [5] }]), '0000000')
})

test('running processes are added by their events', () => {
  const late = [event('process_exec', { pid: 20, id: 'b', parent: 'a' }, { pid: 19, id: 'a' })]
  const running = [
    { pid: 19, exec_id: 'a', parent_exec_id: 'middle' },
    { pid: 18, exec_id: 'middle', parent_exec_id: 'root' },
    { pid: 17, exec_id: 'root', parent_exec_id: 'init' },
    { pid: 16, exec_id: 'init' },
    { pid: 15, exec_id: 'x', parent_exec_id: 'x' },
  ]
  const { match, addRunning } = compileFilterLists([{ pid_set: [17] }], [])
  assert.equal(match(late[0]), false)
  addRunning?.(running)
  assert.equal(match(late[0]), true)
})

test('a process without ids and an event without a process are ignored', () => {
  const { match } = compileFilterLists([{ pid_set: [5] }], [])
  assert.equal(match({ key: 'process_throttle', response: {} }), false)
  assert.equal(match({ key: 'process_exec', process: {}, parent: {}, response: {} }), false)
  assert.equal(match({ key: 'process_exec', process: { pid: 5 }, response: {} }), true)
})

test('processes that only forked do not break the chain', () => {
  const forked = { pid: 11, id: 'forked', parent: 'sh' }
  const daemon = event('process_exec', { pid: 12, id: 'daemon', parent: 'forked' }, forked)
  const exit = event('process_exit', forked, shell)
  const late = event('process_exec', { pid: 13, id: 'late', parent: 'forked' }, init)
  const { match } = compileFilterLists([{ pid_set: [5] }], [])
  assert.deepEqual([events[0], daemon, exit, late].map(match), [true, true, true, true])
  const other = compileFilterLists([{ pid_set: [5] }], []).match
  assert.deepEqual([events[0], exit, late].map(other), [true, true, true])
})

test('a process that executes many programs leaves nothing behind', () => {
  const { match } = compileFilterLists([{ pid_set: [5] }], [])
  match(events[0])
  for (let i = 0; i < 20_000; i++) {
    const run = { pid: 100 + i, id: `a${i}`, parent: 'sh' }
    assert.ok(match(event('process_exec', run, shell)))
    assert.ok(match(event('process_exec', { ...run, id: `b${i}` }, shell)))
    assert.ok(match(event('process_exit', { ...run, id: `b${i}` }, shell)))
  }
  // The first ones are evicted, so their children are unknown; the last ones are not.
  const child = (parent: string) => event('process_exec', { pid: 9, id: 'x', parent }, init)
  assert.ok(!match(child('a0')))
  assert.ok(match(child('a19999')))
})
