import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { runTetra } from '../testing/run-tetra.ts'

const folder = mkdtempSync(join(tmpdir(), "query's-"))
after(() => rmSync(folder, { recursive: true }))

const time = (second: number) => `2026-01-02T03:04:${String(second).padStart(2, '0')}.123456789Z`
const process = (pid: number, more: object = {}) => ({
  exec_id: `id${pid}`,
  parent_exec_id: `id${pid - 1}`,
  pid,
  uid: 0,
  binary: `/bin/${pid}`,
  arguments: `of ${pid}`,
  ...more,
})
const pod = {
  namespace: 'shop',
  name: 'web-1',
  container: { id: 'containerd://c1', name: 'web', image: { name: 'nginx' } },
}
const hook = (second: number, key: string, fields: object) => ({
  [key]: { process: process(3), action: 'KPROBE_ACTION_POST', policy_name: 'p', ...fields },
  time: time(second),
})
const events = [
  ...[1, 2, 3].map((pid) => ({
    process_exec: { process: process(pid, pid === 3 ? { pod } : {}), parent: process(pid - 1) },
    node_name: 'n1',
    time: time(pid),
  })),
  { process_exit: { process: process(3), signal: 'SIGKILL', status: 137 }, time: time(9) },
  { process_exit: { process: process(2) }, time: time(10) },
  hook(4, 'process_kprobe', {
    function_name: 'security_file_open',
    args: [{ int_arg: 1 }, { file_arg: { path: '/etc/shadow', permission: '-rw-r-----' } }],
  }),
  hook(5, 'process_kprobe', {
    function_name: '__x64_sys_unlinkat',
    args: [{ int_arg: -100 }, { string_arg: '/tmp/x' }],
  }),
  hook(6, 'process_kprobe', {
    function_name: 'tcp_connect',
    args: [
      {
        sock_arg: {
          ...{ family: 'AF_INET', protocol: 'IPPROTO_TCP', saddr: '10.0.0.1', sport: 4000 },
          ...{ daddr: '10.66.0.7', dport: 4444, destination_names: ['evil.test', 'e.test'] },
        },
      },
    ],
  }),
  hook(7, 'process_tracepoint', { subsys: 'syscalls', event: 'sys_enter_setuid', args: [] }),
  {
    ...hook(8, 'process_lsm', {
      function_name: 'capable',
      args: [{ capability_arg: { name: 'CAP_BPF' } }],
    }),
    findings: [
      { rule: 'r1', title: 'One', level: 'high', techniques: ['T1', 'T2'] },
      { rule: 'r2', title: 'Two', level: 'low' },
    ],
  },
  { process_loader: { process: process(3), path: '/lib/l.so' }, time: time(11) },
  { rate_limit_info: { number_of_dropped_process_events: '7' }, time: time(12) },
]
const lines = events.map((event) => `${JSON.stringify(event)}\n`)
const log = file('events.log', lines.join(''))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** The rows of a query as JSON. */
async function rows(sql: string, ...files: readonly string[]): Promise<unknown[]> {
  const { out, err, code } = await runTetra(['query', '-o', 'json', sql, ...files])
  assert.deepEqual([err, code], ['', 0])
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

describe('tetra query', () => {
  it('has a table for each subject', async () => {
    const answers = {
      'select pid, program, node from exec where pid = 1': [
        { pid: 1, program: '/bin/1', node: 'n1' },
      ],
      'select namespace, pod, container, container_id, image from exec where pid = 3': [
        {
          ...{ namespace: 'shop', pod: 'web-1', container: 'web' },
          ...{ container_id: 'containerd://c1', image: 'nginx' },
        },
      ],
      'select pid, signal, status, time from exit order by pid': [
        { pid: 2, signal: null, status: 0, time: '2026-01-02 03:04:10.123456' },
        { pid: 3, signal: 'SIGKILL', status: 137, time: '2026-01-02 03:04:09.123456' },
      ],
      "select kind, function, policy, args from hook where time::time = '03:04:04.123456'": [
        {
          ...{ kind: 'process_kprobe', function: 'security_file_open', policy: 'p' },
          args: [{ int_arg: 1 }, { file_arg: { path: '/etc/shadow', permission: '-rw-r-----' } }],
        },
      ],
      'select path, permission from file order by path': [
        { path: '/etc/shadow', permission: '-rw-r-----' },
        { path: '/lib/l.so', permission: null },
        { path: '/tmp/x', permission: null },
      ],
      'select source, source_port, destination, destination_port, names from network': [
        {
          ...{ source: '10.0.0.1', source_port: 4000, destination: '10.66.0.7' },
          ...{ destination_port: 4444, names: ['evil.test', 'e.test'] },
        },
      ],
      'select name, address, pid from dns order by name': [
        { name: 'e.test', address: '10.66.0.7', pid: 3 },
        { name: 'evil.test', address: '10.66.0.7', pid: 3 },
      ],
      'select function, capability from privilege order by time': [
        { function: 'syscalls:sys_enter_setuid', capability: null },
        { function: 'capable', capability: 'CAP_BPF' },
      ],
      'select rule, title, level, techniques, program from alert order by rule': [
        { rule: 'r1', title: 'One', level: 'high', techniques: ['T1', 'T2'], program: '/bin/3' },
        { rule: 'r2', title: 'Two', level: 'low', techniques: [], program: '/bin/3' },
      ],
      'select kind, dropped from loss': [{ kind: 'rate_limit_info', dropped: 7 }],
      'select count(*) as n from raw': [{ n: events.length }],
      "select level, program from lineage('id3')": [
        { level: 0, program: '/bin/3' },
        { level: 1, program: '/bin/2' },
        { level: 2, program: '/bin/1' },
      ],
    }
    for (const [sql, answer] of Object.entries(answers))
      assert.deepEqual(await rows(sql, log), answer, sql)
  })

  it('needs no quotes for any column', async () => {
    const { out } = await runTetra(['query', '--tables'])
    for (const table of out.split(/^(?=\w)/m)) {
      const [name] = table.split(':')
      const columns = [...table.matchAll(/^ {2}(\w+)/gm)].map(([, column]) => column)
      await rows(`select ${columns.join(', ') || 'time'} from ${name}`, log)
    }
  })

  it('reads compressed files, folders and Parquet of all columns together', async () => {
    const sub = join(folder, 'sub')
    mkdirSync(sub)
    const packed = join('sub', 'events.1.log')
    file(packed, gzipSync(lines.slice(0, 2).join('')))
    file(join('sub', 'events.log'), lines[2])
    const parquet = join(sub, 'more.parquet')
    const written = await rows(`copy raw to '${parquet.replace("'", "''")}'`, log)
    assert.deepEqual(written, [{ Count: events.length }])
    const counted = 'select count(*) as n, count(program) as programs from raw'
    assert.deepEqual(await rows(counted, sub), [
      { n: events.length + 3, programs: events.length + 2 },
    ])
    for (const sql of ['select path from file order by 1', "select program from lineage('id3')"]) {
      assert.deepEqual(await rows(sql, parquet), await rows(sql, log))
    }
  })

  it('says how many lines are no events, and goes on', async () => {
    const hostile = { binary: '=2+"3"\n\u001b[2J', pid: 'x', pod: 7, arguments: ['a'] }
    const line = JSON.stringify({ time: time(1), process_exec: { process: hostile } })
    const path = file('broken.log', `abc\n{"a": 1}\n${line}\n${line.slice(0, 30)}`)
    const sql = 'select program, pid, namespace from raw'
    const table = await runTetra(['query', sql, path])
    assert.equal(table.err, 'tetra: 3 lines are no events\n')
    assert.equal(table.out, 'PROGRAM           PID   NAMESPACE\n=2+"3"\\n\\x1b[2J\n')
    const csv = await runTetra(['query', '-o', 'csv', sql, path])
    assert.equal(csv.out, 'program,pid,namespace\n"\'=2+""3""\\n\\x1b[2J",,\n')
  })

  it('reads a file whose name is a pattern or an address, and no others', async () => {
    const names = ['*.log', '[a].log', '?.log', 's3:x.log', 'q\\.log']
    const odd = mkdtempSync(join(folder, 'odd-'))
    for (const [pid, name] of names.entries()) {
      writeFileSync(join(odd, name), lines[0].replaceAll('/bin/1', `/bin/${pid}`))
    }
    for (const [pid, name] of names.entries()) {
      const found = await rows('select program from raw', join(odd, name))
      assert.deepEqual(found, [{ program: `/bin/${pid}` }], name)
    }
    assert.deepEqual(await rows('select count(*) as n from raw', odd), [{ n: names.length }])
  })

  it('has all columns of equal names', async () => {
    const [row] = await rows('select 1 as a, 2 as a', log)
    assert.deepEqual(Object.values(row as object), [1, 2])
  })

  it('shows a cell of any length without widening the other rows', async () => {
    const long = 'x'.repeat(1 << 20)
    const sql = `select if(i = 1, repeat('x', 1 << 20), 'y') as a, i from range(2000) as t(i)`
    const { out, err } = await runTetra(['query', sql, log])
    assert.equal(err, '')
    assert.ok(out.includes(long) && out.length < long.length + 100_000, String(out.length))
  })

  it('keeps what exceeds the memory in a folder of its own, until it ends', async () => {
    const [row] = await rows("select current_setting('temp_directory') as path", log)
    const { path } = row as { path: string }
    assert.equal(dirname(path), tmpdir())
    assert.equal(existsSync(path), false)
  })

  it('reports what is wrong', async () => {
    for (const [argv, code, message] of [
      [['select 1'], 2, /give the SQL and at least one file/],
      [[' ;', log], 2, /the SQL is empty/],
      [[log, 'select 1'], 2, /give the SQL before the files: ".*events\.log" is a file/],
      [['select 1', join(folder, 'none')], 1, /^tetra: read .*none: ENOENT/],
      [['selct 1', log], 1, /^tetra: query: .*syntax error at or near "selct"\n\nLINE 1/],
      [['select x from exec', log], 1, /^tetra: query: Binder Error: .*"x"/],
    ] as const) {
      const result = await runTetra(['query', ...argv])
      assert.deepEqual([result.out, result.code], ['', code])
      assert.match(result.err, message)
    }
  })
})
