import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import { freePort } from '@tetragon-ts/service/listen/testing'
import { agentProgram, heldBy, makeTestFolder, TestPipe, waitUntilGone } from '../testing/index.ts'
import { TestClient } from '../testing/test-client.ts'
import { until } from '../testing/until.ts'

const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: folders
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    args:
    - index: 0
      type: string
`

type Stdio = number | 'pipe' | 'ignore'

describe('an agent whose output is not read', () => {
  let folder: string
  let agent: ChildProcess
  let stderr: string
  let client: TestClient
  let ended: Promise<readonly [number | null, NodeJS.Signals | null]>
  const pipes: TestPipe[] = []

  beforeEach(() => {
    folder = makeTestFolder()
  })
  afterEach(async () => {
    client?.close()
    agent?.kill('SIGKILL')
    await ended
    for (const pipe of pipes.splice(0)) pipe.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function makePipe(): TestPipe {
    const pipe = new TestPipe(join(folder, `pipe${pipes.length}`))
    pipes.push(pipe)
    return pipe
  }

  /** Starts an agent; its standard error is collected if it is a pipe of Node.js. */
  function launch(stdout: Stdio, standardError: Stdio, ...options: string[]): void {
    const args = ['--pid-file', join(folder, 'pid'), ...options]
    agent = spawn(agentProgram, args, { stdio: ['ignore', stdout, standardError] })
    stderr = ''
    agent.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    ended = new Promise((resolve) => {
      agent.once('exit', (code, signal) => resolve([code, signal]))
    })
  }

  /** Waits until the agent serves, and connects. */
  async function connect(): Promise<void> {
    const socket = join(folder, 'tetragon.sock')
    await until('there is a server', () => {
      assert.equal(agent.exitCode, null, stderr)
      return existsSync(socket)
    })
    client = new TestClient(`unix:${socket}`)
    await client.call('GetInfo')
  }

  /** Adds a policy, and waits for an event of it. */
  async function usePolicy(): Promise<void> {
    const stream = await client.events()
    await client.call('AddTracingPolicy', { yaml: policy })
    await until('there is an event of the policy', () => {
      spawnSync('/bin/sh', ['-c', 'cd /'])
      return stream.events.some((event) => event.process_kprobe?.policy_name === 'folders')
    })
    stream.stream.cancel()
  }

  async function stop(): Promise<readonly [number | null, NodeJS.Signals | null]> {
    const held = heldBy(agent.pid ?? 0)
    assert.ok(held.length > 0)
    agent.kill('SIGTERM')
    const ending = await ended
    await waitUntilGone(held)
    assert.equal(existsSync(join(folder, 'pid')), false)
    return ending
  }

  for (const kind of ['pipe', 'socket'] as const) {
    it(`starts, changes policies and ends, though standard output is a full ${kind}`, async () => {
      const pipe = makePipe()
      pipe.fill()
      // Pipes of Node.js are sockets, of which it reads only one buffer.
      launch(kind === 'pipe' ? pipe.fd : 'pipe', 'pipe')
      await connect()
      await usePolicy()
      // A socket has a larger buffer than a pipe.
      const args = 'x'.repeat(100_000)
      for (let i = 0; i < 20; i++) spawnSync('/bin/true', [args])
      assert.deepEqual(await stop(), [0, null])
      await until('the loss is reported', () => /stopped after .*\n$/.test(stderr))
      const [, events, lost] = /stopped after (\d+) events, (\d+) could not/.exec(stderr) ?? []
      assert.ok(Number(lost) > 0 && Number(lost) <= Number(events), stderr)
    })
  }

  it('gives a slow reader whole lines, and the number of those that are missing', async () => {
    const pipe = makePipe()
    launch(pipe.fd, 'pipe')
    pipe.closeWriters()
    await connect()
    const args = 'x'.repeat(100_000)
    const overflow = () => {
      for (let i = 0; i < 20; i++) spawnSync('/bin/true', [args])
      return /could not be written/.test(stderr)
    }
    await until('events are lost', overflow)
    let text = ''
    const readSome = (): boolean => {
      const read = pipe.read()
      text += read ?? ''
      return read !== undefined
    }
    await until('the loss is in the stream', () => {
      readSome()
      spawnSync('/bin/true')
      return text.includes('rate_limit_info')
    })
    agent.kill('SIGTERM')
    await until('the stream ends', () => !readSome())
    assert.deepEqual(await ended, [0, null])
    await until('all is reported', () => /stopped after .*\n$/.test(stderr))
    const [, events, lost] = /stopped after (\d+) events, (\d+) could not/.exec(stderr) ?? []
    assert.ok(text.endsWith('\n'))
    let written = 0
    let reported = 0
    for (const line of text.slice(0, -1).split('\n')) {
      const parsed = parseEvent(line)
      assert.ok(parsed.ok, line.slice(0, 1000))
      const { rate_limit_info: info } = parsed.event.response
      if (info === undefined) written++
      else reported += Number(info.number_of_dropped_process_events)
    }
    assert.deepEqual([written + Number(lost), reported], [Number(events), Number(lost)])
  })

  it('continues when the reader reads again', async () => {
    const pipe = makePipe()
    pipe.fill()
    launch(pipe.fd, 'pipe')
    pipe.closeWriters()
    await connect()
    let text = ''
    await until('events arrive', () => {
      spawnSync('/bin/true', ['after-the-stall'])
      text += pipe.read() ?? ''
      return text.includes('after-the-stall')
    })
  })

  it('starts and ends with stalled outputs and a stalled client', async () => {
    const [output, error] = [makePipe(), makePipe()]
    output.fill()
    error.fill()
    launch(output.fd, error.fd, '--log-level', 'trace')
    await connect()
    const stream = await client.events()
    stream.stream.pause()
    await client.call('AddTracingPolicy', { yaml: policy })
    assert.deepEqual(await stop(), [0, null])
  })

  it('ends though clients neither read nor close their connections', async () => {
    const ports = [await freePort(), await freePort()]
    const [health, metrics] = ports.map((port) => `127.0.0.1:${port}`)
    const servers = ['--health-server-address', health!, '--metrics-server', metrics!]
    launch('ignore', 'pipe', ...servers)
    await until('it serves', () => stderr.includes('serving health on '))
    await connect()
    const addresses = [{ path: join(folder, 'tetragon.sock') }, ...ports.map((port) => ({ port }))]
    const sockets: Socket[] = []
    for (const address of addresses) {
      // One client sends nothing, and one begins to speak HTTP/2.
      for (const text of ['', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
        const socket = connectTo({ ...address, allowHalfOpen: true }).pause()
        socket.on('error', () => {})
        await once(socket, 'connect')
        socket.write(text)
        sockets.push(socket)
      }
    }
    assert.deepEqual(await stop(), [0, null])
    for (const socket of sockets) socket.destroy()
  })

  it('starts with a full standard error, and logs there when that is read', async () => {
    const error = makePipe()
    error.fill()
    launch('ignore', error.fd)
    await connect()
    let text = ''
    await until('the log arrives', () => {
      text += error.read() ?? ''
      return text.includes('serving on')
    })
    assert.match(text, /tetragon: watching processes\n/)
    assert.deepEqual(await stop(), [0, null])
  })

  it('ends immediately for a second signal', async () => {
    const pipe = makePipe()
    pipe.fill()
    launch(pipe.fd, 'pipe')
    await connect()
    agent.kill('SIGTERM')
    // Pending signals of the same number are merged.
    await until('it ended', () => {
      agent.kill('SIGTERM')
      return agent.exitCode !== null || agent.signalCode !== null
    })
    assert.deepEqual(await ended, [null, 'SIGTERM'])
  })
})

describe('an agent whose export file is on a file system that does not respond', () => {
  let folder: string
  let mount: string
  beforeEach(() => {
    folder = makeTestFolder()
    mount = join(folder, 'mount')
    mkdirSync(mount)
    const image = join(folder, 'image')
    spawnSync('truncate', ['-s', '16M', image])
    run('mkfs.ext4', '-q', image)
    run('mount', '-o', 'loop', image, mount)
  })
  afterEach(() => {
    spawnSync('fsfreeze', ['-u', mount], { stdio: 'ignore' })
    run('umount', '-l', mount)
    rmSync(folder, { recursive: true, force: true })
  })

  function run(program: string, ...args: string[]): void {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    assert.equal(status, 0, `${program}: ${stderr}`)
  }

  for (const when of ['from the start', 'later'] as const) {
    it(`starts, changes policies and leaves the kernel, stalled ${when}`, async () => {
      const file = join(mount, 'events')
      const [socket, pidFile] = ['tetragon.sock', 'pid'].map((name) => join(folder, name))
      writeFileSync(file, '')
      if (when === 'from the start') run('fsfreeze', '-f', mount)
      const log = openSync(join(folder, 'log'), 'a')
      const options = ['--pid-file', pidFile, '--export-filename', file]
      const agent = spawn(agentProgram, options, { stdio: ['ignore', 'ignore', log] })
      const ended = new Promise((resolve) => agent.once('exit', (code) => resolve(code)))
      await until('there is a server', () => existsSync(socket))
      if (when === 'later') run('fsfreeze', '-f', mount)
      const client = new TestClient(`unix:${socket}`)
      spawnSync('/bin/true')
      await client.call('AddTracingPolicy', { yaml: policy })
      client.close()
      const held = heldBy(agent.pid ?? 0)
      agent.kill('SIGTERM')
      // A thread that waits in the kernel keeps the process as a zombie; everything else is gone.
      await until('its last words', () => {
        return /stopped after .* could not/.test(readFileSync(join(folder, 'log'), 'utf8'))
      })
      await waitUntilGone(held)
      assert.equal(existsSync(pidFile), false)
      run('fsfreeze', '-u', mount)
      assert.equal(await ended, 0)
    })
  }
})
