import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { only, ProcessRun, repeats } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

const status = 5

let watched: ProcessRun
let ways: string
let ends: string
let noop: string
let trigger: string
before(async () => {
  trigger = await workload('trigger')
  ways = await workload('exec-variants')
  ends = await workload('thread-ends')
  noop = await workload('noop')
  watched = await ProcessRun.start()
})
after(() => watched?.stop())

/** Executes noop in a variant; returns its exec, which replaced that of the workload. */
async function execute(way: string) {
  const result = spawnSync(ways, [way, noop, String(status)])
  assert.equal(result.stderr.toString(), '')
  const events = await watched.events.of(result.pid)
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['exec', 'exec', 'exit'],
  )
  const [first, exec, exit] = events
  assert.equal(exec.process.parent_exec_id, first.process.exec_id)
  assert.equal(exec.process.flags, 'execve')
  assert.equal(exit.process.exec_id, exec.process.exec_id)
  assert.equal(exit.signal, undefined)
  return { exec, exit, status: result.status }
}

describe('a program is shown that was executed', () => {
  it('without any argument, not even its name', async () => {
    const { exec } = await execute('empty-argv')
    assert.equal(exec.process.binary, noop)
    assert.equal(exec.process.arguments, undefined)
  })

  it('from memory without a name', async () => {
    const { exec, exit } = await execute('memfd')
    assert.match(exec.process.binary ?? '', /^\/dev\/fd\/\d+$/)
    assert.equal(exec.process.arguments, String(status))
    assert.equal(exit.status, status)
  })

  it('from an open descriptor', async () => {
    const { exec, exit } = await execute('fd')
    assert.match(exec.process.binary ?? '', /^\/dev\/fd\/\d+$/)
    assert.equal(exit.status, status)
  })

  it('relative to a directory’s descriptor', async () => {
    const { exec, exit } = await execute('dirfd')
    assert.match(exec.process.binary ?? '', /^\/dev\/fd\/\d+\/noop$/)
    assert.equal(exit.status, status)
  })

  it('by a thread that is not the first, while others run', async () => {
    for (let round = 0; round < repeats(5, 2); round++) {
      const { exec, exit } = await execute('thread')
      assert.equal(exec.process.binary, noop)
      assert.equal(exec.process.tid, exec.process.pid)
      assert.equal(exit.status, status)
    }
  })
})

describe('a process of many threads has one exit', () => {
  const rounds = repeats(10, 3)
  const threads = repeats(50, 20)
  for (const [way, wanted] of [
    ['return', {}],
    ['exit', { status }],
    ['leader-first', { status }],
    ['kill', { signal: 'SIGKILL' }],
  ] as const) {
    it(way, async () => {
      const pids: number[] = []
      for (let round = 0; round < rounds; round++) {
        const result = spawnSync(ends, [way, String(threads), String(status)])
        assert.equal(result.stderr.toString(), '')
        pids.push(result.pid)
      }
      for (const pid of pids) {
        const events = await watched.events.of(pid)
        const exit = only(events, 'exit')
        assert.equal(events.length, 2)
        assert.equal(exit.process.exec_id, only(events, 'exec').process.exec_id)
        assert.deepEqual(
          { status: exit.status, signal: exit.signal },
          { status: undefined, signal: undefined, ...wanted },
        )
      }
    })
  }
})

describe('a process with another parent than the one that cloned it (CLONE_PARENT)', () => {
  /** A shell whose child clones a child of the shell, which does this. */
  async function clone(words: string) {
    const script = `"$0" sibling ${words}; wait; exit 0`
    const { pid } = spawnSync('/bin/sh', ['-c', script, trigger], { stdio: 'ignore' })
    const all = await watched.events.all()
    const shell = only(
      all.filter(({ process }) => process.pid === pid),
      'exec',
    ).process
    const below = all.filter(({ parent }) => parent?.exec_id === shell.exec_id)
    const cloner = below.find(({ kind }) => kind === 'exec')?.process
    assert.equal(cloner?.binary, trigger)
    const cloned = below.filter(({ process }) => process.pid !== cloner.pid)
    return { shell, cloner, cloned }
  }

  it('shows the program of the one that cloned it, and the parent', async () => {
    const { cloner, cloned } = await clone('kill 9')
    const { process, signal, parent } = only(cloned, 'exit')
    assert.equal(cloned.length, 1)
    assert.equal(signal, 'SIGKILL')
    assert.deepEqual(
      [process.binary, process.arguments, process.cwd, process.flags],
      [trigger, cloner.arguments, cloner.cwd, 'clone'],
    )
    assert.equal(process.parent_exec_id, parent?.exec_id)
    assert.equal(parent?.binary, '/bin/sh')
  })

  it('has that parent for its next program as well', async () => {
    const { shell, cloned } = await clone(`exec ${noop} 3`)
    const exec = only(cloned, 'exec')
    assert.equal(exec.process.binary, noop)
    assert.equal(exec.process.flags, 'execve clone')
    assert.equal(exec.process.parent_exec_id, shell.exec_id)
    assert.equal(only(cloned, 'exit').status, 3)
  })

  it('shows its program to its own children', async () => {
    const { cloned } = await clone('fork kill 9')
    const { exec_id } = only(cloned, 'exit').process
    const child = await watched.events.waitFor(({ process }) => process.parent_exec_id === exec_id)
    assert.equal(child.process.binary, trigger)
    assert.equal(child.parent?.exec_id, exec_id)
  })
})
