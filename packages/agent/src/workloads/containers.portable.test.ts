import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeTestFolder, only, RunningAgent } from '../testing/index.ts'

const busybox = '/bin/busybox'
const runc = spawnSync('runc', ['--version'])
const missing =
  runc.error || runc.status !== 0
    ? `runc --version: ${runc.error?.message ?? runc.stderr.toString()}`
    : !existsSync(busybox) && `${busybox} does not exist`

describe('containers', { skip: missing }, () => {
  const early = randomBytes(32).toString('hex')
  let folder: string
  let agent: RunningAgent
  before(async () => {
    folder = makeTestFolder()
    mkdirSync(join(folder, 'rootfs/bin'), { recursive: true })
    mkdirSync(join(folder, 'rootfs/proc'))
    copyFileSync(busybox, join(folder, 'rootfs/bin/busybox'))
    chmodSync(join(folder, 'rootfs/bin/busybox'), 0o755)
    await start(early, 'while :; do busybox sleep 0.1; done')
    agent = await RunningAgent.start()
  })
  after(async () => {
    runRunc(['delete', '--force', early])
    await agent?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Runs runc, with its state in the folder. */
  function runRunc(args: readonly string[]) {
    const all = ['--root', join(folder, 'state'), ...args]
    return spawnSync('runc', all, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
  }

  /** Starts a container that runs a script in the background, and waits until it does. */
  async function start(id: string, script: string): Promise<void> {
    writeConfig(script)
    const [state, log, pidFile] = ['state', 'log', 'pid'].map((name) => join(folder, name))
    const args = ['--root', state, '--log', log, 'run', '--detach', '--pid-file', pidFile, id]
    // Its output is discarded: the container would keep a pipe open.
    const { status } = spawnSync('runc', args, { stdio: 'ignore', cwd: folder })
    assert.equal(status, 0, existsSync(log) ? readFileSync(log, 'utf8') : 'runc run')
    // The container's first process still is `runc init` when `runc run` returns.
    const commandLine = `/proc/${readFileSync(pidFile, 'utf8')}/cmdline`
    while (!readFileSync(commandLine, 'utf8').startsWith(busybox)) await sleep(10)
  }

  function writeConfig(script: string): void {
    const all = ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type }))
    const config = {
      ociVersion: '1.0.2',
      process: {
        user: { uid: 0, gid: 0 },
        args: ['/bin/busybox', 'sh', '-c', script],
        env: ['PATH=/bin'],
        cwd: '/',
      },
      root: { path: 'rootfs', readonly: true },
      mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
      linux: { namespaces: all },
    }
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  }

  it('are named by the first 31 characters of their id', async () => {
    const id = randomBytes(32).toString('hex')
    writeConfig('busybox true inside; (exit 4); exit 3')
    const result = runRunc(['run', id])
    assert.equal(result.status, 3, result.stderr.toString())
    const all = await agent.events()
    const events = all.filter((event) => event.process.docker === id.slice(0, 31))
    const init = events.find(
      (event) => event.kind === 'exec' && event.process.arguments?.startsWith('sh -c "busybox'),
    )
    assert.ok(init)
    assert.equal(init.process.binary, '/bin/busybox')
    assert.equal(init.process.cwd, '/')
    assert.equal(init.process.in_init_tree, true)
    const exit = only(
      events.filter((event) => event.process.exec_id === init.process.exec_id),
      'exit',
    )
    assert.equal(exit.status, 3)
    const inside = all.filter((event) => event.process.arguments === 'true inside')
    assert.equal(inside.length, 2)
    for (const { process: child, parent } of inside) {
      assert.equal(child.docker, id.slice(0, 31))
      assert.equal(child.in_init_tree, true)
      assert.equal(child.parent_exec_id, init.process.exec_id)
      assert.equal(parent?.docker, id.slice(0, 31))
    }
    const fork = only(
      events.filter(({ status }) => status === 4),
      'exit',
    )
    assert.equal(fork.process.parent_exec_id, init.process.exec_id)
    // Processes of the host belong to no container.
    const own = all.find((event) => event.process.pid === process.pid)
    assert.equal(own?.process.docker, undefined)
  })

  it('that already run are known', async () => {
    const all = await agent.events()
    const init = all.find(
      ({ process: { arguments: text, flags } }) =>
        text?.includes('do busybox sleep 0.1') && flags?.includes('procFS'),
    )
    assert.equal(init?.process.docker, early.slice(0, 31))
    // One that was forked before the agent started has its own earlier image as its parent.
    const sleeps = await agent.waitFor(
      ({ kind, process: { arguments: text, parent_exec_id: parent } }) =>
        kind === 'exec' && text === 'sleep 0.1' && parent === init?.process.exec_id,
    )
    assert.equal(sleeps.process.docker, early.slice(0, 31))
  })

  it('include processes that enter from outside', async () => {
    const args = ['--root', join(folder, 'state'), 'exec', early, '/bin/busybox', 'true', 'entered']
    const child = spawn('runc', args, { stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
    const events = (await agent.events()).filter(
      (event) => event.process.arguments === 'true entered',
    )
    assert.equal(events.length, 2)
    for (const event of events) {
      assert.equal(event.process.docker, early.slice(0, 31))
      assert.equal(event.process.binary, '/bin/busybox')
    }
    // It entered from the host and is not a descendant of the container's init.
    assert.equal(only(events, 'exec').process.in_init_tree, false)
  })
})
