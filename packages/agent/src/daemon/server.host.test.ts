import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import { makeTestFolder, RunningAgent } from '../testing/index.ts'
import { TestClient } from '../testing/test-client.ts'

const limitMs = 60_000

async function waitFor<T>(what: string, find: () => T | undefined): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`wait for ${what}: it does not come`)
    await sleep(10)
  }
}

const isServing = (agent: RunningAgent) => {
  return waitFor('the server', () => /serving on (.*)/.exec(agent.stderr)?.[1])
}

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

describe('the server of an agent', () => {
  let agent: RunningAgent
  let client: TestClient
  before(async () => {
    agent = await RunningAgent.start('--log-level', 'debug')
    client = new TestClient((await isServing(agent)).replace('unix://', 'unix:'))
  })
  after(async () => {
    client?.close()
    await agent?.remove()
  })

  it('publishes its address', async () => {
    const info = JSON.parse(readFileSync(join(agent.folder, 'tetragon-info.json'), 'utf8'))
    const socket = join(agent.folder, 'tetragon.sock')
    assert.deepEqual(info, {
      export_fname: agent.exportFile,
      btf_fname: '/sys/kernel/btf/vmlinux',
      server_address: `unix://${socket}`,
      pid: agent.pid,
    })
    assert.equal(statSync(socket).mode & 0o777, 0o660)
    assert.equal(((await client.call('GetInfo')) as { name: string }).name, 'tetragon')
  })

  it('streams the events that the agent exports', async () => {
    const stream = await client.events()
    spawnSync('/bin/echo', ['one'])
    spawnSync('/bin/echo', ['äöü "two"\n'])
    const seen = (text: string) => (event: GetEventsResponse) =>
      event.process_exit?.process?.arguments?.includes(text)
    await waitFor('the event', () => stream.events.find(seen('two')))
    stream.stream.cancel()
    const exported = (await agent.events()).map(({ line }) => {
      const parsed = parseEvent(line)
      return parsed.ok ? parsed.event.response : undefined
    })
    // The stream starts somewhere in the file and is identical from there.
    const first = exported.findIndex((event) => isSame(event, stream.events[0]))
    assert.ok(first >= 0)
    stream.events.forEach((event, i) => {
      assert.deepEqual(event, withoutDefaults(exported[first + i]))
    })
  })

  it('loads policies, streams their events and removes them', async () => {
    await client.call('AddTracingPolicy', { yaml: policy })
    const isMarker = { event_set: ['PROCESS_EXIT'], binary_regex: ['/true$'] }
    const stream = await client.events({ allow_list: [{ policy_names: ['folders'] }, isMarker] })
    const isOurs = (event: GetEventsResponse) =>
      event.process_kprobe?.args?.[0]?.string_arg === '/proc/1'
    spawnSync('/bin/sh', ['-c', 'cd /proc/1'])
    const event = await waitFor('the event', () => stream.events.find(isOurs))
    assert.equal(event.process_kprobe?.policy_name, 'folders')
    assert.match(event.process_kprobe?.process?.binary ?? '', /sh$/)
    const { policies } = (await client.call('ListTracingPolicies')) as {
      policies: { state: string; hook_statuses: object[]; kernel_memory_bytes: string }[]
    }
    const [{ state, hook_statuses, kernel_memory_bytes }] = policies
    assert.deepEqual([policies.length, state, hook_statuses.length], [1, 'TP_STATE_ENABLED', 1])
    assert.ok(Number(kernel_memory_bytes) >= 4096)
    await client.call('DeleteTracingPolicy', { name: 'folders' })
    // Earlier events of other processes may still arrive.
    const { pid } = spawnSync('/bin/sh', ['-c', 'cd /proc/1'])
    const marker = spawnSync('/bin/true').pid
    await waitFor('the marker', () =>
      stream.events.find((event) => event.process_exit?.process?.pid === marker),
    )
    assert.ok(!stream.events.some((event) => event.process_kprobe?.process?.pid === pid))
    stream.stream.cancel()
  })

  it('shows the processes that the agent knows', async () => {
    const request = { flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE' }
    const { processes } = (await client.call('GetDebug', request)) as {
      processes: { processes: { process: { pid?: number } }[] }
    }
    const pids = processes.processes.map(({ process }) => process.pid)
    assert.ok(pids.includes(process.pid))
    assert.ok(pids.includes(agent.pid))
  })

  it('is replaced after a crash, and leaves nothing after a normal end', async () => {
    const other = RunningAgent.launch()
    await isServing(other)
    await other.stop('SIGKILL')
    const files = ['tetragon.sock', 'tetragon-info.json'].map((name) => join(other.folder, name))
    assert.deepEqual(files.map(existsSync), [true, true])
    const next = RunningAgent.launch('--server-address', `unix://${files[0]}`)
    const again = new TestClient((await isServing(next)).replace('unix://', 'unix:'))
    assert.ok(((await again.call('GetVersion')) as { version: string }).version)
    again.close()
    await next.stop()
    assert.deepEqual(existsSync(files[0]), false)
    assert.deepEqual(existsSync(join(next.folder, 'tetragon-info.json')), false)
    await next.remove()
    await other.remove()
  })

  it('ends with the agent, with connected clients, after the last events', async () => {
    const other = RunningAgent.launch()
    const watcher = new TestClient((await isServing(other)).replace('unix://', 'unix:'))
    const stream = await watcher.events()
    spawnSync('/bin/echo', ['last'])
    const { code } = await other.stop()
    assert.equal(code, 0, other.stderr)
    await stream.ended
    const isLast = (event: GetEventsResponse) =>
      event.process_exit?.process?.arguments?.includes('last')
    assert.ok(stream.events.some(isLast))
    watcher.close()
    await other.remove()
  })

  it('leaves nothing behind when an endpoint cannot start', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const folder = makeTestFolder()
    const socket = join(folder, 'tetragon.sock')
    const addresses = [
      '--server-address',
      `unix://${socket}`,
      '--metrics-server',
      `127.0.0.1:${port}`,
    ]
    const other = RunningAgent.launch(...addresses)
    const { code } = await other.ended
    taken.close()
    assert.equal(code, 1, other.stderr)
    assert.match(other.stderr, /EADDRINUSE/)
    for (const path of [socket, other.pidFile, join(other.folder, 'tetragon-info.json')]) {
      assert.ok(!existsSync(path), path)
    }
    await other.remove()
    rmSync(folder, { recursive: true })
  })

  it('does not start where it is not allowed to listen', async () => {
    const other = RunningAgent.launch('--server-address', '0.0.0.0:0')
    const { code } = await other.ended
    assert.equal(code, 1)
    assert.match(other.stderr, /listen on 0.0.0.0:0: without TLS, everyone .* \[AGENT_SERVER\]/)
    await other.remove()
  })
})

/** Whether two events are the same. */
function isSame(a: GetEventsResponse | undefined, b: GetEventsResponse): boolean {
  const id = (event: GetEventsResponse | undefined) => {
    const { process_exec, process_exit, time } = event ?? {}
    return JSON.stringify([time, process_exec?.process?.exec_id, process_exit?.process?.exec_id])
  }
  return id(a) === id(b)
}

/** Protobuf does not distinguish default values from unset fields. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, each]) => each !== '')
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutDefaults(each)]))
}
