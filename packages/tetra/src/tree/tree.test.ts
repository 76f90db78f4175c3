import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Process } from '@tetragon-ts/api'
import { runTetra } from '../testing/run-tetra.ts'
import { TestAgent } from '../testing/test-agent.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-tree-'))
let agent: TestAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

const time = (second: number): string => `2024-01-01T00:00:0${second}Z`

function process(pid: number, id: string, parent: string, more: Process = {}): Process {
  return { pid, exec_id: id, parent_exec_id: parent, binary: `/bin/${id}`, ...more }
}

const pod = { namespace: 'default', name: 'xwing', container: { name: 'ship' } }
const processes: [Process, boolean][] = [
  [process(1, 'init', 'none'), true],
  [process(30, 'sh2', 'init', { start_time: time(2) }), true],
  [process(20, 'run', 'init', { start_time: time(1), arguments: '-it \x1b[2J' }), true],
  [process(21, 'pod', 'run', { pod, docker: 'abcdef' }), true],
  [process(22, 'inner', 'pod', { pod, docker: 'abcdef' }), true],
  // It forked a child and then executed another program: the child is below that.
  [process(30, 'sh1', 'init', { start_time: time(2) }), false],
  [process(31, 'child', 'sh1'), true],
  [process(40, 'gone', 'init', { start_time: time(3) }), false],
  [process(41, 'left', 'gone'), true],
]

const tree = (...argv: string[]) =>
  runTetra(['tree', '--server-address', `unix://${agent.path}`, ...argv])

const whole = `1 /bin/init
├─ 20 /bin/run -it \\x1b[2J
│  └─ 21 /bin/pod [default/xwing ship]
│     └─ 22 /bin/inner
├─ 30 /bin/sh2
│  └─ 31 /bin/child
└─ 40 /bin/gone (ended)
   └─ 41 /bin/left
`

describe('tree', () => {
  before(() => {
    const dumped = processes.map(([each, isLive]) => {
      return { process: each, color: isLive ? 'inUse' : 'deleted' }
    })
    agent.answer('GetDebug', { processes: { processes: dumped } })
  })

  it('shows the processes of an agent, with their ancestors', async () => {
    assert.deepEqual(await tree(), { out: whole, err: '', code: 0 })
  })

  it('shows the selected processes', async () => {
    const inPod =
      '1 /bin/init\n└─ 20 /bin/run\n   └─ 21 /bin/pod [default/xwing ship]\n      └─ 22 /bin/inner\n'
    for (const choice of [
      ['-n', 'default'],
      ['--pod', '^x'],
      ['--container', 'abc'],
    ]) {
      assert.equal((await tree('-a=false', ...choice)).out, inPod, choice.join(' '))
    }
    assert.equal((await tree('-p', '30,41')).out, '30 /bin/sh2\n└─ 31 /bin/child\n41 /bin/left\n')
    assert.equal((await tree('--process', 'nothing')).out, '')
    const json = (await tree('-p', '40', '-o', 'json')).out.trimEnd().split('\n')
    const found = json.map((line) => JSON.parse(line))
    assert.deepEqual(
      found.map(({ pid, ended, depth }) => [pid, ended, depth]),
      [
        [40, true, 0],
        [41, false, 1],
      ],
    )
  })

  it('is read from a log', async () => {
    const event = (key: string, body: object) => JSON.stringify({ [key]: body })
    const lines = [
      event('process_exec', { process: process(2, 'sh', 'init'), parent: process(1, 'init', '') }),
      event('process_exec', { process: process(3, 'ls', 'sh'), parent: process(2, 'sh', 'init') }),
      event('process_exit', { process: process(3, 'ls', 'sh') }),
      'no json',
      event('process_kprobe', { process: process(4, 'cat', 'sh') }),
      event('process_exec', { process: process(2, 'sh-new', 'init') }),
    ]
    const log = `${lines.join('\n')}\n`
    const running = await runTetra(['tree'], log)
    assert.equal(running.out, '1 /bin/init\n└─ 2 /bin/sh-new\n   └─ 4 /bin/cat\n')
    assert.match(running.err, /skipped 1 line/)
    const path = join(folder, 'events.log')
    writeFileSync(path, log)
    assert.deepEqual(await runTetra(['tree', path]), running)
    assert.match((await runTetra(['tree', '/nowhere'])).err, /^tetra: read log: ENOENT/)
    const all = await runTetra(['tree', '--ended', '-'], log)
    assert.match(all.out, /\n {3}├─ 3 \/bin\/ls \(ended\)\n {3}└─ 4 \/bin\/cat\n$/)
  })

  it('accepts inconsistent logs', async () => {
    const line = (each: Process) => `${JSON.stringify({ process_exec: { process: each } })}\n`
    const circle = [process(1, 'a', 'b'), process(2, 'b', 'a'), process(3, 'c', 'c'), {}]
    const { out, code } = await runTetra(['tree'], circle.map(line).join(''))
    assert.equal(code, 0)
    assert.deepEqual(out.match(/\/bin\/\w/g)?.sort(), ['/bin/a', '/bin/b', '/bin/c'])
    const deep = Array.from({ length: 20_000 }, (_, i) => process(i + 1, `p${i + 1}`, `p${i}`))
    const result = await runTetra(['tree', '-o', 'json'], deep.map(line).join(''))
    assert.equal(result.out.split('\n').length, 20_001)
  })

  it('reports errors in the command line', async () => {
    for (const argv of [
      ['-p', 'x'],
      ['--pod', '('],
      ['x', 'y'],
    ]) {
      assert.equal((await tree(...argv)).code, 2)
    }
  })
})
