import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { guestKernel, makeTestFolder, RunningAgent } from '@tetragon-ts/agent/testing'
import { TestClient } from '@tetragon-ts/agent/testing/client'
import { policy } from './attack.ts'
import { startOfMinute } from './minute.ts'

// These policies kill every process that is not spared.
const skip = guestKernel === undefined && 'it would kill processes of this host'

const limitMs = 60_000
const most = 8
const victims = 12

const killsAll = policy(
  'kills-all',
  `options: [{name: process-limit, value: "${most}"}]
tracepoints:
- subsystem: raw_syscalls
  event: sys_enter
  selectors:
  - matchActions: [{action: NoPost}, {action: Sigkill}]`,
)

const killsPrograms = policy(
  'kills-programs',
  `kprobes:
- call: security_bprm_check
  syscall: false
  selectors:
  - matchActions: [{action: Sigkill}]`,
)

describe('a policy that kills everything', { skip }, () => {
  let folder: string
  let agent: RunningAgent
  let client: TestClient
  const started: ChildProcess[] = []
  /** Starts a program that makes a system call every 0.1 seconds. */
  const start = (program = '/usr/bin/tail'): ChildProcess => {
    const words = ['---disable-inotify', '-s', '0.1', '-f', '/dev/null']
    const child = spawn(program, words, { stdio: 'ignore' })
    started.push(child)
    return child
  }
  const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && !signalCode
  let guarded: string
  // All cases use the same agent; the last one ends it.
  before(async () => {
    folder = makeTestFolder()
    guarded = join(folder, 'guarded')
    copyFileSync('/usr/bin/tail', guarded)
    // The test, too, must survive.
    agent = await RunningAgent.start('--guarded-executables', `${process.execPath},${guarded}`)
    client = new TestClient((await agent.serving()).replace('unix://', 'unix:'))
  })
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })
  after(async () => {
    client?.close()
    await agent?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const add = (yaml: string) => client.call('AddTracingPolicy', { yaml })
  const remove = (name: string) => client.call('DeleteTracingPolicy', { domain: 'grpc', name })
  const status = async () => {
    const { policies = [] } = (await client.call('ListTracingPolicies')) as {
      policies?: { mode: string; error: string; stats?: { limit_reached_count?: string } }[]
    }
    return policies[0]
  }
  /** Through a shell, which is not guarded. */
  const runs = () => spawnSync('/bin/sh', ['-c', '/bin/true; exit $?']).status === 0

  it('stops itself, and the agent, process 1 and guarded programs survive', async () => {
    const spared = start(guarded)
    const others = Array.from({ length: victims }, () => start())
    await startOfMinute()
    await add(killsAll)
    const deadline = performance.now() + limitMs
    while (!agent.stderr.includes('process-limit')) {
      assert.ok(performance.now() < deadline, `the limit was not reached: ${agent.stderr}`)
      await sleep(20)
    }
    const killed = others.filter((child) => !isAlive(child)).length
    // Each CPU can exceed the limit by one process.
    const maximum = most + availableParallelism()
    assert.ok(killed > 0 && killed <= maximum, `${killed} of ${victims} were killed`)
    // Without process 1 the kernel would have stopped.
    assert.ok([spared, agent.child].every(isAlive))
    assert.ok(runs())
    const { mode, error, stats } = await status()
    assert.deepEqual([mode, Number(stats?.limit_reached_count)], ['TP_MODE_MONITOR', 1])
    assert.match(
      error,
      /^enforcement stopped: actions would hit more than 8 processes within a minute/,
    )
    assert.match(agent.stderr, /policy kills-all: enforcement stopped/)
    await remove('kills-all')
  })

  it('can be switched off by a client that runs already', async () => {
    await add(killsPrograms)
    assert.ok(!runs())
    const [domain, name, mode] = ['grpc', 'kills-programs', 'TP_MODE_MONITOR']
    await client.call('ConfigureTracingPolicy', { domain, name, mode })
    assert.ok(runs())
    await remove(name)
  })

  it('can be ended by a shell that runs already', async () => {
    const shell = spawn('/bin/sh', [], { stdio: ['pipe', 'pipe', 'inherit'] })
    started.push(shell)
    let out = ''
    shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    const answers = async (command: string, expected: string) => {
      out = ''
      shell.stdin.write(`${command}\n`)
      const deadline = performance.now() + limitMs
      while (!out.endsWith('\n')) {
        assert.ok(performance.now() < deadline, `wait for ${expected}: nothing comes`)
        await sleep(10)
      }
      assert.equal(out, `${expected}\n`)
    }
    await add(killsPrograms)
    await answers('/bin/true; echo $?', '137')
    shell.stdin.write(`read pid < ${agent.pidFile}; kill $pid\n`)
    assert.deepEqual(await agent.ended, { code: 0, signal: null })
    await answers('/bin/true; echo $?', '0')
  })
})
