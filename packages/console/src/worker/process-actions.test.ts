import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { EventStore } from '../store/event-store.ts'
import { ProcessIndex } from '../store/process-index.ts'
import { describeEvent } from './describe-event.ts'
import { actionsOf } from './process-actions.ts'

const codec = codecOf(GetEventsResponse)
const time = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`
const at = (second: number) => Date.parse(time(second))

function take(...responses: GetEventsResponse[]) {
  const kept = { store: new EventStore(1000, 1e9), processes: new ProcessIndex(100, 1e9) }
  for (const response of responses) {
    const { event, ...content } = describeEvent(codec.encode(response), 0)
    kept.store.add(content)
    if (event) kept.processes.see(event, content.time)
  }
  return kept
}

const shell = {
  exec_id: 'sh',
  pid: 7,
  binary: '/bin/sh',
  arguments: '-c x\u202e',
  start_time: time(1),
}
const child = { exec_id: 'curl', parent_exec_id: 'sh', pid: 8, binary: '/bin/curl' }
const events: GetEventsResponse[] = [
  { process_exec: { process: shell }, time: time(1) },
  {
    process_kprobe: {
      process: shell,
      function_name: 'security_file_permission',
      policy_name: 'p',
      args: [{ file_arg: { path: '/etc/shadow' } }, { int_arg: 4 }],
      action: 'KPROBE_ACTION_SIGKILL',
    },
    time: time(2),
  },
  { process_exec: { process: { ...child, start_time: time(3) } }, time: time(3) },
  {
    process_exec: {
      process: { ...child, exec_id: 'next', pid: 7, binary: '/bin/next', start_time: time(4) },
    },
    time: time(4),
  },
  { process_exit: { process: shell, signal: 'SIGKILL' }, time: time(5) },
]

test('actions are those of the process, in order, with what it started', () => {
  const { rows, omitted } = actionsOf('sh', take(...events), undefined, 10)
  assert.equal(omitted, 0)
  const texts = rows.map(({ word, text, enforcement }) => `${word} ${text} ${enforcement}`.trim())
  assert.deepEqual(texts, [
    'process /bin/sh -c x\\u202e',
    'read /etc/shadow Sigkill',
    'start /bin/curl',
    'execute /bin/next',
    'exit SIGKILL',
  ])
  assert.deepEqual(
    rows.map(({ event, process }) => event ?? process),
    [0, 1, 'curl', 3, 4],
  )
})

test('within a millisecond, what a process started is before its exit', () => {
  const [started, , other, , exit] = events
  const same = [started, exit, other].map((each) =>
    JSON.parse(JSON.stringify(each).replaceAll(/:0[1-5]Z/g, ':01Z')),
  )
  const { rows } = actionsOf('sh', take(...same), undefined, 10)
  assert.deepEqual(
    rows.map(({ word }) => word),
    ['process', 'start', 'exit'],
  )
})

test('only actions of the span, and the last ones of many', () => {
  const kept = take(...events)
  const { rows } = actionsOf('sh', kept, { from: at(2), to: at(4) }, 10)
  assert.deepEqual(
    rows.map((row) => row.time),
    [at(2), at(3)],
  )
  const last = actionsOf('sh', kept, undefined, 2)
  assert.deepEqual([last.rows.map((row) => row.time), last.omitted], [[at(4), at(5)], 3])
  assert.deepEqual(actionsOf('nobody', kept, undefined, 2), { rows: [], omitted: 0 })
})

test('events that cannot be shown have a line', () => {
  const kept = take({ process_kprobe: { process: shell, function_name: 'f' }, time: time(1) })
  kept.store.add({ time: at(2), line: 'broken', fields: { exec: 'sh' }, bytes: Uint8Array.of(255) })
  const { rows } = actionsOf('sh', kept, undefined, 10)
  assert.deepEqual(rows.at(-1)?.text, 'broken')
})
