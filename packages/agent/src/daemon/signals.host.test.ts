import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentProgram, makeTestFolder, RunningAgent, withThisNode } from '../testing/index.ts'

let folder: string
before(() => {
  folder = makeTestFolder()
})
after(() => rmSync(folder, { recursive: true, force: true }))

const started: RunningAgent[] = []
afterEach(async () => {
  for (const agent of started.splice(0)) await agent.remove()
})

function launch(...args: string[]): RunningAgent {
  const agent = RunningAgent.launch(...args)
  started.push(agent)
  return agent
}

async function startAgent(...args: string[]): Promise<RunningAgent> {
  const agent = launch(...args)
  await agent.ready()
  return agent
}

/** Ports that a process listens on. */
function listeningPorts(pid: number): number[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => target(`/proc/${pid}/fd/${fd}`))
  const own = new Set(descriptors.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]))
  const sockets = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1),
  )
  return sockets
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening && own.has(fields[9]))
    .map((fields) => Number.parseInt(fields[1].split(':')[1], 16))
}
const listening = '0A'

function target(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return '' // closed since the folder was listed
  }
}

function maskOf(pid: number, name: string): bigint {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]}`)
}

function bit(signal: NodeJS.Signals): bigint {
  return 1n << BigInt(constants.signals[signal] - 1)
}

/** Executes a program that has SIGUSR1 pending from its first instruction. */
const withPendingSignal = `
use POSIX ();
POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGUSR1()));
kill 'USR1', $$;
exec { $ARGV[0] } @ARGV`

/** Sends a signal to one thread: tgkill(2). */
function signalThread(pid: number, thread: number, signal: NodeJS.Signals): void {
  const tgkill = process.arch === 'x64' ? 234 : 131
  const number = constants.signals[signal]
  // A thread of the start may have ended: ESRCH.
  const script = `exit(syscall(${tgkill}, ${pid}, ${thread}, ${number}) != 0 && $! != 3)`
  assert.equal(spawnSync('/usr/bin/perl', ['-e', script]).status, 0)
}

describe('SIGUSR1 opens no debugger', () => {
  it('when it is pending before the agent’s first instruction', async () => {
    const agent = RunningAgent.launchBy(['/usr/bin/perl', '-e', withPendingSignal])
    started.push(agent)
    await agent.ready()
    assert.deepEqual(listeningPorts(agent.pid), [])
    assert.doesNotMatch(agent.stderr, /Debugger listening/)
    assert.ok((await agent.events()).length > 0)
  })

  it('when it arrives repeatedly while the agent starts', async () => {
    const agent = launch()
    const ready = agent.ready()
    let isReady = false
    ready.then(
      () => (isReady = true),
      () => (isReady = true),
    )
    const ports = new Set<number>()
    while (!isReady) {
      // The shell that becomes Node.js has no handler yet: a signal ends it, which is acceptable.
      if (isNode(agent.pid)) agent.child.kill('SIGUSR1')
      for (const port of listeningPorts(agent.pid)) ports.add(port)
      await sleep(1)
    }
    await ready
    assert.deepEqual([...ports, ...listeningPorts(agent.pid)], [])
  })

  it('when any thread of a running agent receives it', async () => {
    const agent = await startAgent()
    const threads = readdirSync(`/proc/${agent.pid}/task`).map(Number)
    assert.ok(threads.length > 1)
    for (const thread of threads) signalThread(agent.pid, thread, 'SIGUSR1')
    assert.ok((await agent.events()).length > 0)
    assert.deepEqual(listeningPorts(agent.pid), [])
    assert.doesNotMatch(agent.stderr, /Debugger listening/)
    assert.equal(maskOf(agent.pid, 'SigIgn') & bit('SIGUSR1'), bit('SIGUSR1'))
  })

  it('when Node.js was started by hand: the agent kills itself', () => {
    const options = ['--pid-file', join(folder, 'pid'), '--export-filename', join(folder, 'events')]
    const args = ['-e', withPendingSignal, process.execPath, agentProgram, ...options]
    const { signal, stdout, stderr } = spawnSync('/usr/bin/perl', args, { encoding: 'utf8' })
    assert.deepEqual([signal, stdout], ['SIGKILL', ''])
    assert.match(stderr, /tetragon: start agent: SIGUSR1 opened a debugger/)
  })
})

/** Whether the shell of the agent's program has become Node.js, and Node.js handles SIGUSR1. */
function isNode(pid: number): boolean {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  const handled = maskOf(pid, 'SigCgt') | maskOf(pid, 'SigIgn') | maskOf(pid, 'SigBlk')
  return command.includes('--inspect-port') && (handled & bit('SIGUSR1')) !== 0n
}

describe('other signals', () => {
  it('that the agent does not use do nothing', async () => {
    const agent = await startAgent()
    const names: NodeJS.Signals[] = ['SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGIO']
    names.push('SIGPWR', 'SIGSTKFLT', 'SIGPIPE', 'SIGXFSZ')
    for (const name of names) agent.child.kill(name)
    const firstRealTime = 34
    for (let number = firstRealTime; number <= 64; number++) process.kill(agent.pid, number)
    assert.ok((await agent.events()).length > 0)
    assert.deepEqual(await agent.stop(), { code: 0, signal: null })
  })

  for (const signal of ['SIGQUIT', 'SIGXCPU'] as const) {
    it(`${signal} ends it in order`, async () => {
      const agent = await startAgent()
      assert.deepEqual(await agent.stop(signal), { code: 0, signal: null })
      assert.match(agent.stderr, /stopped after \d+ events\n$/)
      assert.ok(!existsSync(agent.pidFile))
    })
  }

  it('SIGHUP does not end an agent that is not ready', async () => {
    const agent = launch()
    while (!existsSync(agent.pidFile)) await sleep(1)
    agent.child.kill('SIGHUP')
    await agent.ready()
    assert.ok((await agent.events()).length > 0)
    // It reloads then.
    while (!/ reloaded: /.test(agent.stderr)) await sleep(10)
  })
})

describe('variables of the environment', () => {
  const attack = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(agentProgram, args, { encoding: 'utf8', env: withThisNode({ ...env }) })

  it('load and write nothing', () => {
    const marker = join(folder, 'marker')
    const evil = join(folder, 'evil.cjs')
    writeFileSync(evil, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, 'loaded')`)
    const openssl = join(folder, 'openssl.cnf')
    writeFileSync(openssl, 'nodejs_conf = x\n[x]\nproviders = y\n[y]\nz = z\n[z]\nmodule = /z.so\n')
    const files = ['coverage', 'warnings', 'compile-cache'].map((name) => join(folder, name))
    const { status, stdout, stderr } = attack(
      {
        NODE_OPTIONS: `--require=${evil} --inspect=127.0.0.1:0`,
        NODE_V8_COVERAGE: files[0],
        NODE_REDIRECT_WARNINGS: files[1],
        NODE_COMPILE_CACHE: files[2],
        NODE_EXTRA_CA_CERTS: '/no/such/file',
        NODE_DEBUG: 'module',
        OPENSSL_CONF: openssl,
        BASH_ENV: evil,
        ENV: evil,
        SOME_VALUE: `x\nexport NODE_OPTIONS='--require=${evil}'\nexport a-b=c`,
      },
      '--version',
    )
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^tetragon \d/)
    for (const file of [marker, ...files]) assert.ok(!existsSync(file), file)
  })

  it('reach the agent only if they are its own', async () => {
    process.env.TETRAGON_LOG_LEVEL = 'debug'
    process.env.NODE_PENDING_DEPRECATION = '1'
    process.env.KUBERNETES_SERVICE_HOST = '10.96.0.1'
    process.env.KUBERNETES_PORT = 'tcp://10.96.0.1:443'
    const agent = launch()
    delete process.env.TETRAGON_LOG_LEVEL
    delete process.env.NODE_PENDING_DEPRECATION
    delete process.env.KUBERNETES_SERVICE_HOST
    delete process.env.KUBERNETES_PORT
    await agent.ready()
    const variables = readFileSync(`/proc/${agent.pid}/environ`, 'utf8').split('\0')
    const names = variables.map((text) => text.split('=')[0]).filter((name) => name !== '')
    const own = names.filter((name) => !name.startsWith('TETRAGON_TEST_'))
    // The first one is the launcher.
    const expected = ['KUBERNETES_SERVICE_HOST', 'MALLOC_ARENA_MAX', 'PATH', 'TETRAGON_LOG_LEVEL']
    assert.deepEqual(own.sort(), expected)
  })

  it('with odd names and values arrive whole', () => {
    const { status, stderr } = attack({ TETRAGON_RB_SIZE_TOTAL: 'a "b\n* c' }, '--pid-file', '/x')
    assert.equal(status, 2)
    assert.match(stderr, /read TETRAGON_RB_SIZE_TOTAL|a "b/)
  })
})
