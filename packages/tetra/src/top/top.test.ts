import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { runTetra } from '../testing/run-tetra.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { screenText } from './screen.ts'
import { snapshotOf } from './snapshot.ts'

const response = {
  elapsed: '2s',
  counts_syscalls: true,
  uncounted_syscalls: 3,
  processes: [
    {
      pid: 7,
      binary: '/bin/quiet',
      syscalls: [{ name: 'read', count: 2 }],
      events: [{ name: 'process_exec', count: '8' }],
    },
    {
      pid: 9,
      binary: '/bin/\x1b[2Jbusy',
      arguments: '-x',
      namespace: 'default',
      pod: 'xwing',
      syscalls: [
        { name: 'write', count: 100 },
        { name: 'i386/openat', count: '5' },
      ],
    },
  ],
}

const folder = mkdtempSync(join(tmpdir(), 'tetra-top-'))
let agent: TestAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
beforeEach(() => agent.reset())
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})
const top = (...argv: string[]) =>
  runTetra(['top', '--server-address', `unix://${agent.path}`, '--retries', '0', ...argv])

describe('top', () => {
  it('shows the busiest processes first, with rates, losses and safe names', async () => {
    agent.answerWatch('WatchActivity', response, response)
    const { out, err, code } = await top('--once', '-i', '500ms')
    assert.deepEqual([err, code], ['', 0])
    assert.deepEqual(agent.requestsOf('WatchActivity'), [{ interval: '0.500s' }])
    const lines = out.split('\n').map((line) => line.trim().split(/ {3,}/))
    assert.deepEqual(lines, [
      ['2 processes active in 2.0 s, 54 system calls and 4.0 events per second'],
      ['3 system calls not counted'],
      [''],
      ['PID', 'CALLS/s', 'EVENTS/s', 'BINARY', 'POD', 'MOST FREQUENT'],
      ['9', '53', '0', '/bin/\\x1b[2Jbusy', 'default/xwing', 'write 50, i386/openat 2.5'],
      ['7', '1.0', '4.0', '/bin/quiet', 'process_exec 4.0, read 1.0'],
      [''],
    ])
  })

  it('prints JSON, sorted and limited as requested', async () => {
    agent.answerWatch('WatchActivity', response)
    const { out } = await top('--once', '-o', 'json', '--sort', 'events', '-l', '1')
    const { processes, seconds, uncountedSyscalls } = JSON.parse(out)
    assert.deepEqual([seconds, uncountedSyscalls, processes.length], [2, 3, 1])
    assert.equal(processes[0].pid, 7)
    assert.deepEqual(processes[0].events, [{ name: 'process_exec', count: 8, perSecond: 4 }])
  })

  it('shows all activity of selected processes', async () => {
    agent.answerWatch('WatchActivity', response)
    const { out } = await top('--once', '-p', '9')
    assert.match(out, /^1 process active/)
    assert.match(
      out,
      /\n9 \/bin\/\\x1b\[2Jbusy -x\nsystem call {3}write +50\nsystem call {3}i386\/openat +2.5\n/,
    )
  })

  it('reports what it cannot show', async () => {
    const { syscalls_error } = { syscalls_error: 'load program: EPERM' }
    agent.answerWatch('WatchActivity', { elapsed: '1s', syscalls_error })
    assert.match((await top('--once')).out, /system calls are not counted: load program: EPERM\n/)
    agent.fail(12, 'unknown service tetragonts.Inspect')
    const other = await top('--once')
    assert.match(
      other.err,
      /has no service tetragonts.Inspect: it is the original Tetragon, or an older release\n/,
    )
    assert.equal(other.code, 1)
    for (const argv of [
      ['-p', 'x'],
      ['-l', '0'],
      ['-i', 'soon'],
      ['--sort', 'size'],
    ]) {
      assert.equal((await top(...argv)).code, 2, argv.join(' '))
    }
  })

  it('fits on a screen', () => {
    const processes = Array.from({ length: 50 }, (_, pid) => ({ pid, binary: 'x'.repeat(100) }))
    const shown = { elapsed: '1s', counts_syscalls: true, processes }
    const snapshot = snapshotOf([{ node: '', response: shown }], 'pid')
    const lines = screenText(snapshot, {
      rows: 5,
      columns: 60,
      isDetailed: false,
      hasNodes: false,
    }).split('\n')
    assert.equal(lines.length, 10)
    assert.ok(lines.every((line) => line.length <= 60))
    assert.match(lines[8], /and 45 more/)
  })
})
