import assert from 'node:assert/strict'
import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { parseExecId } from '@tetragon-ts/api'
import { only, ProcessRun, testNode } from '../../testing/index.ts'

/** Clocks are compared only every ten seconds, and an emulated machine is slow. */
const nearMs = 5000

let watched: ProcessRun
before(async () => {
  watched = await ProcessRun.start()
})
after(() => watched?.stop())

/** Runs a program to its end and returns the events of its process. */
async function run(program: string, args: string[], options: SpawnSyncOptions = {}) {
  const { pid } = spawnSync(program, args, { stdio: 'ignore', ...options })
  const events = await watched.events.of(pid)
  return { pid, events, exec: only(events, 'exec'), exit: only(events, 'exit') }
}

describe('exec and exit', () => {
  it('show the process, its program, folder and time', async () => {
    const startedAt = Date.now()
    const { pid, exec, exit } = await run('/bin/sh', ['-c', 'exit 7'], { cwd: '/usr' })
    const { process: child, parent } = exec
    assert.equal(child.pid, pid)
    assert.equal(child.tid, pid)
    assert.equal(child.uid, 0)
    assert.equal(child.cwd, '/usr')
    assert.equal(child.binary, '/bin/sh')
    assert.equal(child.arguments, '-c "exit 7"')
    assert.equal(child.flags, 'execve clone')
    assert.equal(child.in_init_tree, false)
    assert.equal(parent?.pid, process.pid)
    assert.equal(child.parent_exec_id, parent?.exec_id)
    assert.ok(Math.abs(Date.parse(child.start_time ?? '') - startedAt) < nearMs, child.start_time)
    assert.equal(exec.time, child.start_time)
    assert.equal(child.refcnt, undefined)
    assert.ok(parent?.refcnt)

    assert.equal(exit.process.refcnt, undefined)
    assert.equal(exit.process.exec_id, child.exec_id)
    assert.equal(exit.process.binary, '/bin/sh')
    assert.equal(exit.parent?.exec_id, parent?.exec_id)
    assert.equal(exit.status, 7)
    assert.equal(exit.signal, undefined)
    assert.ok(Date.parse(exit.time) >= Date.parse(exec.time))
  })

  it('show references to an ended process if others than itself are left', async () => {
    const script = 'sleep 600 > /dev/null 2>&1 & echo $!'
    const { pid, stdout } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
    const exit = only(await watched.events.of(pid), 'exit')
    process.kill(Number(stdout))
    assert.equal(exit.process.refcnt, 2)
  })

  it('have an id of node, start and process', async () => {
    const { pid, exec } = await run('/bin/true', [])
    const id = parseExecId(exec.process.exec_id ?? '')
    assert.ok(id)
    assert.equal(id.node, testNode)
    assert.equal(id.pid, pid)
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
    assert.ok(Math.abs(Number(id.ktime) / 1e9 - uptime) * 1000 < nearMs, `${id.ktime} ${uptime}`)
    const parentId = parseExecId(exec.process.parent_exec_id ?? '')
    assert.equal(parentId?.pid, process.pid)
    assert.ok(parentId !== undefined && parentId.ktime < id.ktime)
  })

  it('show the effective user', async () => {
    const { exec, exit } = await run('/bin/true', [], { uid: 65534, gid: 65534 })
    assert.equal(exec.process.uid, 65534)
    assert.equal(exit.process.uid, 65534)
  })

  for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const) {
    it(`name the signal ${signal} that ended a process`, async () => {
      const child = spawn('/bin/sleep', ['100'], { stdio: 'ignore' })
      const pid = child.pid ?? 0
      const exec = await watched.events.waitFor((event) => event.process.pid === pid)
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await ended
      const exit = only(await watched.events.of(pid), 'exit')
      assert.equal(exit.signal, signal)
      assert.equal(exit.status, undefined)
      assert.equal(exit.process.exec_id, exec.process.exec_id)
    })
  }

  it('join arguments as the API does', async () => {
    const { exec } = await run('/bin/true', ['a', 'b c', '', '"q"', 'd'])
    assert.equal(exec.process.arguments, 'a "b c"  "q" d')
    const { exec: none } = await run('/bin/true', [])
    assert.equal(none.process.arguments, undefined)
  })
})

describe('ancestry', () => {
  it('has the previous image as the parent of one that replaced it', async () => {
    const { pid } = spawnSync('/bin/sh', ['-c', 'exec /bin/sh -c "exec /bin/true replaced"'])
    const events = await watched.events.of(pid)
    const execs = events.filter(({ kind }) => kind === 'exec')
    assert.deepEqual(
      execs.map(({ process: { binary, flags } }) => [binary, flags]),
      [
        ['/bin/sh', 'execve clone'],
        ['/bin/sh', 'execve'],
        ['/bin/true', 'execve'],
      ],
    )
    for (const [index, { process: child, parent }] of execs.entries()) {
      if (index === 0) continue
      assert.equal(child.parent_exec_id, execs[index - 1].process.exec_id)
      assert.equal(parent?.exec_id, child.parent_exec_id)
      assert.equal(parent?.pid, pid)
    }
    assert.equal(only(events, 'exit').process.exec_id, execs[2].process.exec_id)
  })

  it('shows a fork without exec when it ends, with its parent’s program', async () => {
    // The subshell is a fork: a builtin, followed by more work that prevents an exec.
    const { pid, exec } = await run('/bin/sh', ['-c', '(exit 3); (exit 4); exit 0'])
    const forks = (await watched.events.all()).filter((event) => event.parent?.pid === pid)
    assert.deepEqual(
      forks.map(({ kind, status }) => [kind, status]),
      [
        ['exit', 3],
        ['exit', 4],
      ],
    )
    for (const { process: child, parent } of forks) {
      assert.equal(child.binary, '/bin/sh')
      assert.equal(child.arguments, exec.process.arguments)
      assert.equal(child.flags, 'clone')
      assert.notEqual(child.pid, pid)
      assert.equal(child.parent_exec_id, exec.process.exec_id)
      assert.equal(parent?.exec_id, exec.process.exec_id)
    }
  })

  it('outlives the parent', async () => {
    // The shell ends while its child is between fork and exec.
    const script = '(sleep 0.3; exec /bin/true orphan) & exit 0'
    const { exec: shell } = await run('/bin/sh', ['-c', script])
    const orphan = await watched.events.waitFor((event) => event.process.arguments === 'orphan')
    assert.equal(orphan.process.parent_exec_id, shell.process.exec_id)
    assert.equal(orphan.parent?.exec_id, shell.process.exec_id)
    assert.equal(orphan.parent?.binary, '/bin/sh')
  })

  it('keeps the image that forked, when the parent replaces it before the child executes', async () => {
    const script = '(sleep 0.3; exec /bin/true late-child) & exec /bin/sleep 0.6'
    const { pid } = spawnSync('/bin/sh', ['-c', script])
    const child = await watched.events.waitFor((event) => event.process.arguments === 'late-child')
    const first = (await watched.events.of(pid))[0]
    assert.equal(first.process.binary, '/bin/sh')
    assert.equal(child.process.parent_exec_id, first.process.exec_id)
    assert.equal(child.parent?.exec_id, first.process.exec_id)
  })

  it('gives every process one exec and one exit in a tree of them', async () => {
    await watched.unlessMissed(async () => {
      const { pid } = spawnSync('/bin/sh', [
        '-c',
        'for i in 1 2 3; do /bin/sh -c "/bin/true leaf-$i; /bin/false leaf-$i" & done; wait',
      ])
      const all = await watched.events.all()
      const shells = all.filter(
        (event) => event.kind === 'exec' && event.parent?.pid === pid && event.process.pid !== pid,
      )
      assert.equal(shells.length, 3)
      for (const shell of shells) {
        const shellId = shell.process.exec_id
        const leaves = all.filter((event) => event.process.parent_exec_id === shellId)
        assert.deepEqual(
          leaves.map(({ kind, status, process: { binary } }) => [kind, binary, status]),
          [
            ['exec', '/bin/true', undefined],
            ['exit', '/bin/true', undefined],
            ['exec', '/bin/false', undefined],
            ['exit', '/bin/false', 1],
          ],
        )
      }
    })
  })
})
