import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseExecId } from '@tetragon-ts/api'
import { makeTestFolder, only, RunningAgent, readablePids, readIfThere } from '../testing/index.ts'

describe('processes that run before the agent starts', () => {
  const marker = `sleeper-${process.pid}`
  /** Number of processes that run the program. */
  const sleeping = 4
  const sleepers = () =>
    readablePids().filter((pid) => readIfThere(`/proc/${pid}/comm`) === `${marker}\n`).length
  let agent: RunningAgent
  let folder: string
  let children: ChildProcess[]
  let running: number[]

  before(async () => {
    folder = makeTestFolder()
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'work'))
    copyFileSync('/bin/sleep', join(folder, marker))
    // A shell that waits for two children; the second is a fork of it.
    const script = `./${marker} 1000 & (./${marker} 1001; exit 3) & wait`
    children = [
      spawn(join(folder, marker), ['1000', '0.5'], { cwd: join(folder, 'work'), stdio: 'ignore' }),
      spawn('/bin/sh', ['-c', script, 'two words'], { cwd: folder, uid: 65534, detached: true }),
      spawn(join(folder, marker), ['2000'], { cwd: '/', stdio: 'ignore' }),
    ]
    rmSync(join(folder, 'work'), { recursive: true })
    await Promise.all(children.map((child) => once(child, 'spawn')))
    // The shell needs a while for its children.
    while (sleepers() < sleeping) await sleep(10)
    const before = readablePids()
    agent = await RunningAgent.start()
    const after = readablePids()
    running = before.filter((pid) => after.includes(pid))
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await agent.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are shown once each, with what /proc knows', async () => {
    const { process: first, parent } = only(await agent.eventsOf(children[0].pid ?? 0), 'exec')
    assert.equal(first.flags, 'procFS')
    assert.equal(first.binary, join(folder, marker))
    assert.equal(first.arguments, '1000 0.5')
    assert.equal(first.cwd, `${join(folder, 'work')} (deleted)`)
    assert.equal(first.uid, 0)
    assert.equal(parent?.pid, process.pid)
    assert.equal(first.parent_exec_id, parent?.exec_id)
    const { process: atRoot } = only(await agent.eventsOf(children[2].pid ?? 0), 'exec')
    assert.equal(atRoot.flags, 'procFS rootcwd')
    assert.equal(atRoot.cwd, '/')
  })

  it('include forks, and know their parents', async () => {
    const shell = only(await agent.eventsOf(children[1].pid ?? 0), 'exec')
    assert.equal(shell.process.uid, 65534)
    assert.match(shell.process.arguments ?? '', /^-c "\.\/sleeper-.*" "two words"$/)
    const below = (await agent.events()).filter(
      (event) => event.process.parent_exec_id === shell.process.exec_id,
    )
    assert.deepEqual(below.map(({ process: { binary } }) => binary).sort(), [
      join(folder, marker),
      shell.process.binary,
    ])
    for (const { process: child } of below) assert.equal(child.flags, 'procFS')
  })

  it('are all processes that /proc shows, once each', async () => {
    const execs = (await agent.events()).filter(({ kind }) => kind === 'exec')
    const ids = execs.map((event) => event.process.exec_id)
    assert.equal(new Set(ids).size, ids.length)
    const pids = new Set(execs.map((event) => event.process.pid))
    for (const pid of running) assert.ok(pids.has(pid), `no exec of ${pid}`)
    assert.ok(running.length > children.length)
  })

  it('descend from the kernel, whose event is the first', async () => {
    const all = (await agent.events()).filter(({ kind }) => kind === 'exec')
    const [{ process: kernel, parent: above }] = all
    const { pid, binary, flags, uid, tid, cwd, arguments: text } = kernel
    assert.deepEqual([pid, binary, flags, uid, tid], [0, '<kernel>', 'procFS', 0, 0])
    assert.deepEqual([cwd, text, above], [undefined, undefined, undefined])
    assert.deepEqual(parseExecId(kernel.exec_id ?? '')?.ktime, 1n)
    assert.equal(kernel.parent_exec_id, kernel.exec_id)

    const init = all.filter(({ process }) => process.pid === 1)
    assert.equal(init.length, 1)
    assert.ok(init[0].process.binary)
    assert.match(init[0].process.flags ?? '', /^procFS/)
    assert.equal(init[0].parent?.exec_id, kernel.exec_id)

    const children = all.filter(({ process }) => process.parent_exec_id === init[0].process.exec_id)
    assert.ok(children.length > 0)
    for (const { parent, line } of children) {
      assert.equal(parent?.binary, init[0].process.binary, line)
    }
  })

  it('have an exit that matches', async () => {
    const [first, shell] = children
    const exits = [once(first, 'exit'), once(shell, 'exit')]
    first.kill('SIGTERM')
    // Its group: the children that it waits for, and itself.
    process.kill(-(shell.pid ?? 0), 'SIGUSR1')
    await Promise.all(exits)
    const firstEvents = await agent.eventsOf(first.pid ?? 0)
    const exit = only(firstEvents, 'exit')
    assert.equal(exit.signal, 'SIGTERM')
    assert.equal(exit.process.exec_id, only(firstEvents, 'exec').process.exec_id)
    assert.equal(exit.process.binary, join(folder, marker))
    const shellEvents = await agent.eventsOf(shell.pid ?? 0)
    assert.equal(only(shellEvents, 'exit').signal, 'SIGUSR1')
  })
})
