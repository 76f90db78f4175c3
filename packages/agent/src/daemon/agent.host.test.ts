import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { BtfBuilder } from '@tetragon-ts/ebpf/btf'
import { agentProgram, makeTestFolder, observe, RunningAgent } from '../testing/index.ts'

let folder: string
before(() => {
  folder = makeTestFolder()
})
after(() => rmSync(folder, { recursive: true, force: true }))

const started: RunningAgent[] = []
afterEach(async () => {
  for (const agent of started.splice(0)) await agent.remove()
})

/** Starts an agent that ends at the end of its test at the latest. */
async function startAgent(...args: string[]): Promise<RunningAgent> {
  const agent = RunningAgent.launch(...args)
  started.push(agent)
  await agent.ready()
  return agent
}

function runAgent(args: string[], options: { uid?: number; env?: NodeJS.ProcessEnv } = {}) {
  const own = ['--pid-file', join(folder, 'pid'), '--export-filename', join(folder, 'events')]
  // By this link other users can execute a Node.js release that is installed for root only.
  const result = spawnSync('/proc/self/exe', [agentProgram, ...own, ...args], {
    encoding: 'utf8',
    timeout: 60_000, // an agent that hangs has no exit code
    ...options,
  })
  return { code: result.status, stderr: result.stderr, stdout: result.stdout }
}

describe('an agent that cannot run says why', () => {
  it('for an unknown option', () => {
    const { code, stderr } = runAgent(['--no-such-option'])
    assert.equal(code, 2)
    assert.match(stderr, /^tetragon: unknown option --no-such-option.*--help.*\n$/)
  })

  it('for an invalid value', () => {
    for (const args of [
      ['--rb-size-total', 'much'],
      ['--export-file-perm', '9'],
    ]) {
      const { code, stderr } = runAgent(args)
      assert.equal(code, 2)
      assert.match(stderr, new RegExp(`^tetragon: parse ${args[0]}: .*\n$`))
    }
  })

  it('without the kernel’s types', () => {
    const { code, stderr } = runAgent(['--btf', '/nonexistent'])
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: read kernel types from \/nonexistent: .*ENOENT.*\n$/)
  })

  it('without a proc file system', () => {
    for (const place of ['/nosuch', folder]) {
      const { code, stderr } = runAgent(['--procfs', place])
      assert.equal(code, 2)
      assert.match(
        stderr,
        /^tetragon: read .*: ENOENT.*; --procfs must be a proc file system .*\n$/,
      )
    }
  })

  it('with an invalid BTF file', () => {
    const garbage = join(folder, 'garbage')
    writeFileSync(garbage, 'no types')
    const { code, stderr } = runAgent(['--btf', garbage])
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: read kernel types from .*\n$/)
  })

  it('with types that lack the hooks, and ends', () => {
    const types = new BtfBuilder()
    types.int('int', 4, { signed: true })
    const other = join(folder, 'other-types')
    writeFileSync(other, types.bytes())
    const { code, stderr } = runAgent(['--btf', other])
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: find tracepoint sched_process_exit: .*\n$/)
    assert.equal(existsSync(join(folder, 'pid')), false)
  })

  it('without root', () => {
    const { code, stderr } = runAgent(['--pid-file', '/dev/shm/tetragon-test-nobody/pid'], {
      uid: 65534,
    })
    rmSync('/dev/shm/tetragon-test-nobody', { recursive: true, force: true })
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: .*run as root.*\n$/)
  })

  it('without root and without access to the folder of the pid file', () => {
    const { code, stderr } = runAgent(['--pid-file', '/run/tetragon-test/pid'], { uid: 65534 })
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: create pid file \/run\/tetragon-test\/pid: EACCES.*\n$/)
  })

  it('when the pid file cannot be created', () => {
    const { code, stderr } = runAgent(['--pid-file', '/proc/tetragon/pid'])
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: .*\/proc\/tetragon.*\n$/)
  })

  it('when the export file cannot be written', () => {
    const { code, stderr } = runAgent(['--export-filename', '/proc/no/such/file'])
    assert.equal(code, 1)
    assert.match(stderr, /^tetragon: .*open export file \/proc\/no\/such\/file.*\n$/)
  })
})

describe('one agent at a time', () => {
  it('refuses a second one', async () => {
    const first = await startAgent()
    const { code, stderr } = runAgent(['--pid-file', first.pidFile])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`another agent is running with pid ${first.pid} `))
    // The first one is unaffected.
    assert.equal(readFileSync(first.pidFile, 'utf8'), `${first.pid}\n`)
    assert.ok((await first.events()).length > 0)
  })

  it('is not blocked by a leftover pid file', async () => {
    const pidFile = join(folder, 'stale')
    writeFileSync(pidFile, '1\n')
    const agent = await startAgent('--pid-file', pidFile)
    assert.equal(readFileSync(pidFile, 'utf8'), `${agent.pid}\n`)
    await agent.stop()
    assert.ok(!existsSync(pidFile))
  })
})

describe('the thread that reads the ring', () => {
  it('has a high priority, and no other thread has', async () => {
    const { pid } = await startAgent()
    const raised = readdirSync(`/proc/${pid}/task`)
      .map((tid) => niceValue(`/proc/${pid}/task/${tid}/stat`))
      .filter((value) => value < 0)
    assert.deepEqual(raised, [-10])
  })
})

/** The 19th field of proc_pid_stat(5); the name before it can contain anything. */
function niceValue(statPath: string): number {
  const text = readFileSync(statPath, 'latin1')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16])
}

describe('the end of an agent', () => {
  it('comes when the reader of its output is gone', async () => {
    const args = [agentProgram, '--pid-file', join(folder, 'pid-pipe')]
    const agent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    agent.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [chunk] = (await once(agent.stdout, 'data')) as [Buffer]
    observe(chunk.toString().split('\n')[0])
    while (!stderr.includes(' ready ')) await once(agent.stderr, 'data')
    agent.stdout.destroy()
    const ended = once(agent, 'exit')
    const nudge = setInterval(() => spawnSync('/bin/true'), 50)
    const [code, signal] = await ended
    clearInterval(nudge)
    assert.deepEqual([code, signal], [0, null])
    assert.match(stderr, /stopped after \d+ events, \d+ could not be written\n$/)
  })
})

describe('the output', () => {
  it('has the configured permissions and node name', async () => {
    process.env.NODE_NAME = 'a "node"'
    const file = join(folder, 'mode')
    const starting = startAgent('--export-filename', file, '--export-file-perm', '640')
    delete process.env.NODE_NAME
    const agent = await starting
    await agent.stop()
    assert.equal(statSync(file).mode & 0o777, 0o640)
    const [line] = readFileSync(file, 'utf8').split('\n')
    assert.equal(JSON.parse(line).node_name, 'a "node"')
  })

  it('includes the environment with the option', async () => {
    const long = 'l'.repeat(100_000)
    const agent = await startAgent('--enable-process-environment-variables')
    const env = { A: '1', 'B "': 'x = y', EMPTY: '', CONTROL: '\x1b[1m\n' }
    const { pid: small } = spawnSync('/bin/true', ['small'], { env })
    const { pid: large } = spawnSync('/bin/true', ['large'], { env: { ...env, LONG: long } })
    const { pid: both } = spawnSync('/bin/true', [long], { env: { LONG: long } })
    const { pid: none } = spawnSync('/bin/true', [], { env: {} })
    const variables = Object.entries(env).map(([Key, Value]) => ({ Key, Value }))
    const execOf = async (pid: number) => {
      const [exec, exit] = await agent.eventsOf(pid)
      assert.equal(exec.kind, 'exec')
      assert.equal(exit.process.environment_variables, undefined)
      return exec.process
    }
    assert.deepEqual((await execOf(small)).environment_variables, variables)
    const { environment_variables, arguments: args } = await execOf(large)
    assert.deepEqual(environment_variables, [...variables, { Key: 'LONG', Value: long }])
    assert.equal(args, 'large')
    const process = await execOf(both)
    assert.deepEqual(process.environment_variables, [{ Key: 'LONG', Value: long }])
    assert.ok(process.arguments === long)
    assert.equal((await execOf(none)).environment_variables, undefined)
  })

  it('does not include the environment otherwise', async () => {
    const agent = await startAgent()
    const { pid } = spawnSync('/bin/true', [], { env: { SECRET: 'hidden' } })
    const [exec] = await agent.eventsOf(pid)
    assert.equal(exec.process.environment_variables, undefined)
    assert.ok(!readFileSync(agent.exportFile, 'utf8').includes('hidden'))
  })
})
