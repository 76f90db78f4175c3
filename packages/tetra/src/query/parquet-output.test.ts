import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Outputs } from '@tetragon-ts/outputs'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { runTetra } from '../testing/run-tetra.ts'
import { eventColumns } from './event-columns.ts'
import { eventTables } from './tables.ts'

const root = mkdtempSync(join(tmpdir(), 'parquet-query-'))
after(() => rmSync(root, { recursive: true }))

const container = { id: 'containerd://c', name: 'web', image: { id: 'sha256:1', name: 'web:1' } }
const pod = { namespace: 'shop', name: 'web-1', workload: 'web', container }
const process = {
  exec_id: 'aWQ=',
  ...{ pid: 4_000_000_000, uid: 0, auid: 4_294_967_295, cwd: '/', binary: '/bin/ä' },
  ...{ arguments: '"a b"', flags: 'execve', start_time: '2026-01-02T03:04:04.999999999Z' },
  ...{ parent_exec_id: 'cA==', executable: '/bin/busybox', tty: 'pts/0', user: { name: 'root' } },
  binary_properties: { setuid: 0, privileges_changed: ['PRIVILEGES_RAISED_EXEC_FILE_SETUID'] },
  pod,
}
const parent = { exec_id: 'cA==', binary: '/bin/sh', arguments: '-c x' }
const socket = { family: 'AF_INET', daddr: '10.0.0.7', dport: 443, destination_names: ['e.test'] }
const hook = {
  process,
  parent,
  policy_name: 'p',
  message: 'm',
  tags: ['a', 'b'],
  action: 'KPROBE_ACTION_POST',
  args: [{ file_arg: { path: '/etc/shadow', permission: '-rw-r-----' } }, { sock_arg: socket }],
  return: { int_arg: -1 },
  enforcement: [{ action: 'Sigkill', done: true }],
}
const events: readonly object[] = [
  { process_exec: { process, parent }, node_name: 'n' },
  { process_exec: { process: { pid: 1, binary: '', docker: 'abc', container } } },
  { process_exec: { process: { pid: 2, docker: 'abc' } } },
  { process_exit: { process, parent, signal: 'SIGKILL', status: 137 } },
  { process_exit: { process: { pid: 1 } } },
  { process_loader: { process, path: '/lib/libc.so' } },
  { process_kprobe: { ...hook, function_name: '__x64_sys_mount' } },
  { process_tracepoint: { ...hook, subsys: 'sched', event: 'sched_switch' } },
  { process_lsm: { ...hook, function_name: 'capable', args: [{ capability_arg: { name: 'X' } }] } },
  { process_uprobe: { ...hook, path: '/bin/bash', symbol: 'readline' } },
  { process_usdt: { ...hook, path: '/lib/libpython.so', provider: 'python', name: 'gc' } },
  { process_throttle: { type: 'THROTTLE_START', cgroup: '/pods/1' } },
  { rate_limit_info: { number_of_dropped_process_events: '18446744073709551615' } },
  { rate_limit_info: { number_of_dropped_process_events: 12 } },
  { test: {} },
  { process_exec: { process }, findings: [{ rule: 'r', level: 'high', techniques: ['T1611'] }] },
]
const lines = events.map((event, index) => {
  return JSON.stringify({ ...event, time: `2026-01-02T03:04:05.${123_456_789 + index * 1000}Z` })
})

describe('Parquet files of an output', () => {
  const recorded = join(root, 'tetragon.log')
  const folder = join(root, 'events')

  it('are written', async () => {
    writeFileSync(recorded, `${lines.join('\n')}\n`)
    const outputs = await Outputs.open([`lake=parquet://${folder}?batch-wait=0s`], {
      ...{ nodeName: 'n', version: '1', spoolFolder: undefined },
      report: () => Buffer.from('{}'),
      warn: (message) => assert.fail(message),
    })
    for (const line of lines) outputs.add(eventClass.process, Buffer.from(line), Date.now())
    await outputs.finish(10_000)
    assert.equal(outputs.statuses[0].sent, lines.length)
  })

  const query = async (sql: string, path: string): Promise<readonly object[]> => {
    const { out, err } = await runTetra(['query', '-o', 'json', sql, path])
    assert.equal(err, '')
    return out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row))
  }

  it('have the same rows as the export file', async () => {
    const sql = 'select * from raw order by time'
    const expected = await query(sql, recorded)
    assert.equal(expected.length, lines.length)
    for (const { name } of eventColumns) {
      const isUsed = expected.some((row) => (row as Record<string, unknown>)[name] !== null)
      assert.ok(isUsed, name)
    }
    assert.deepEqual(await query(sql, folder), expected)
  })

  it('have the same types, and rows in each table', async () => {
    const types = eventColumns.map(({ name }) => `any_value(typeof(${name})) as ${name}`)
    const counts = eventTables.map(({ name }) => `(select count(*) from "${name}") as n_${name}`)
    const sql = `select ${[...types, ...counts].join(', ')} from raw`
    const [expected] = await query(sql, recorded)
    const empty = eventTables.filter(({ name }) => !Reflect.get(expected, `n_${name}`))
    assert.deepEqual(empty, [])
    assert.deepEqual(await query(sql, folder), [expected])
  })
})
