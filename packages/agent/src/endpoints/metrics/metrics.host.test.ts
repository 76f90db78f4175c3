import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Metric } from '@tetragon-ts/service/metrics'
import type { Sample } from '@tetragon-ts/service/metrics/testing'
import { agentProgram, makeTestFolder, RunningAgent, readIfThere } from '../../testing/index.ts'
import { TestClient } from '../../testing/test-client.ts'
import { collectors } from './registry.ts'
import { metricsUrl, scrape, sumOf } from './testing/scrape.ts'

const waitMs = 60_000

const policy = `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: { name: calls-of-true }
spec:
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    args: [{ index: 4, type: syscall64 }]
    selectors:
    - matchBinaries: [{ operator: In, values: [/usr/bin/true, /bin/true] }]
`

describe('metrics of an agent that drop-in files configure', () => {
  const folder = makeTestFolder()
  const config = join(folder, 'config')
  const logFile = join(folder, 'log')
  let agent: RunningAgent
  let url: string
  before(async () => {
    mkdirSync(config)
    mkdirSync(join(folder, 'policies/more'), { recursive: true })
    writeFileSync(join(folder, 'policies/more/calls.yaml'), policy)
    const options = {
      'metrics-server': 'localhost:0',
      'tracing-policy-dir': join(folder, 'policies'),
      'enable-msg-handling-latency': 'true',
      'log-format': 'json',
      'log-file': logFile,
      'execve-map-entries': '4096',
      'retprobes-cache-size': '5K',
      'data-cache-size': '77',
      'gops-address': 'localhost:8118',
      // Nothing listens there.
      output: 'gone=syslog+tcp://127.0.0.1:1',
      'metrics-output': 'gone=otlp://127.0.0.1:1',
    }
    for (const [name, value] of Object.entries(options)) {
      writeFileSync(join(config, name), `${value}\n`)
    }
    agent = await RunningAgent.start('--config-dir', config)
    url = await metricsUrl(agent)
    for (let i = 0; i < 3; i++) spawnSync('/usr/bin/true')
    await agent.events()
  })
  after(async () => {
    await agent.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are the declared ones, with their labels', async () => {
    const declared = new Map(
      collectors.flatMap((each) => each.metrics).map((metric) => [metric.name, metric]),
    )
    const seen = new Set<string>()
    for (const { name, labels } of await scrape(url)) {
      const base = name.replace(/_(bucket|sum|count)$/, '')
      const metric = (declared.get(name) ?? declared.get(base)) as Metric
      assert.ok(metric, name)
      seen.add(metric.name)
      for (const label of Object.keys(labels)) {
        assert.ok([...metric.labels, 'le'].includes(label), `${name}: ${label}`)
      }
    }
    // The lag of the event loop needs some time of measurement; this policy has no enforcers, and
    // the agent no detection rules.
    const missing = [...declared.keys()].filter((name) => !seen.has(name))
    assert.deepEqual(
      missing.filter((name) => !/eventloop|enforcer|findings_total/.test(name)),
      [],
    )
  })

  it('count events, hooks and system calls of a binary', async () => {
    const samples = await scrape(url)
    const binary = '/usr/bin/true'
    const of = (type: string) => sumOf(samples, 'tetragon_events_total', { type, binary })
    assert.ok(of('PROCESS_EXEC') >= 3)
    assert.ok(of('PROCESS_EXIT') >= 3)
    const hook = 'tracepoint:raw_syscalls/sys_enter'
    const byPolicy = { policy: 'calls-of-true', hook, binary }
    const calls = sumOf(samples, 'tetragon_policy_events_total', byPolicy)
    assert.equal(calls, of('PROCESS_TRACEPOINT'))
    const exits = { syscall: 'sys_exit_group', binary }
    assert.ok(sumOf(samples, 'tetragon_syscalls_total', exits) >= 3)
    const { policy } = byPolicy
    const actions = sumOf(samples, 'tetragon_tracingpolicy_selector_actions_total', { policy })
    assert.ok(actions >= calls)
  })

  it('have the cost of programs while they are served', async () => {
    const samples = await scrape(url)
    const base = { policy: '__base__', attach: 'sched_process_exec' }
    assert.ok(sumOf(samples, 'tetragon_overhead_program_runs_total', base) > 0)
    assert.ok(sumOf(samples, 'tetragon_overhead_program_seconds_total', base) > 0)
    const ours = { policy: 'calls-of-true' }
    assert.ok(sumOf(samples, 'tetragon_overhead_program_runs_total', ours) > 0)
  })

  it('include losses, tables and states', async () => {
    const samples = await scrape(url)
    assert.equal(sumOf(samples, 'tetragon_observer_ringbuf_events_lost_total'), 0)
    assert.equal(sumOf(samples, 'tetragon_map_capacity', { map: 'execve_map' }), 4096)
    assert.ok(mapSizes(agent.pid).includes(4096), 'the table has the size that was asked for')
    assert.ok(mapSizes(agent.pid).includes(5120), 'and so has the one of calls under way')
    assert.equal(sumOf(samples, 'tetragon_data_cache_capacity'), 77)
    assert.ok(sumOf(samples, 'tetragon_map_entries', { map: 'execve_map' }) > 0)
    assert.equal(sumOf(samples, 'tetragon_tracingpolicy_loaded', { state: 'enabled' }), 1)
    assert.ok(sumOf(samples, 'tetragon_events_exported_total') > 0)
    const latencies = sumOf(samples, 'tetragon_handling_latency_count', { op: '5' })
    assert.ok(latencies > 0)
  })

  it('have no label that is filtered out, and no events if these are not counted', async () => {
    const other = await RunningAgent.start(
      ...['--metrics-server', '127.0.0.1:0', '--metrics-label-filter', 'namespace,nonsense'],
    )
    try {
      const samples = await scrape(await metricsUrl(other))
      assert.ok(sumOf(samples, 'tetragon_events_total', { type: 'PROCESS_EXEC' }) > 0)
      assert.deepEqual(
        samples.filter(({ labels }) => 'binary' in labels),
        [],
      )
    } finally {
      await other.remove()
    }
  })

  it('count events that wait for the reader of standard output', async () => {
    const own = ['--pid-file', join(folder, 'pid'), '--metrics-server', '127.0.0.1:0']
    const child = spawn(process.execPath, [agentProgram, ...own, '--tracing-policy-dir', ''])
    try {
      const blocked = { stderr: '' }
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        blocked.stderr += text
      })
      const address = await metricsUrl(blocked)
      // More than fits into a pipe and a socket.
      const long = 'x'.repeat(100_000)
      // Not a program of the policy: its events would fill the queue of the other agent.
      const binary = '/usr/bin/false'
      for (let i = 0; i < 10; i++) spawnSync(binary, [long])
      const exits = { type: 'PROCESS_EXIT', binary }
      const countExits = (samples: readonly Sample[]): number =>
        samples.some(({ labels }) => labels.type === exits.type && labels.binary === exits.binary)
          ? sumOf(samples, 'tetragon_events_total', exits)
          : 0
      let samples = await scrape(address)
      while (countExits(samples) < 10) samples = await scrape(address)
      assert.ok(sumOf(samples, 'tetragon_export_queue_bytes') > 0)
      assert.ok(sumOf(samples, 'tetragon_ringbuf_capacity_bytes') > 0)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  })

  it('have each series once when policies of two domains share their name', async () => {
    const memoryOf = (samples: readonly Sample[]) =>
      sumOf(samples, 'tetragon_tracingpolicy_kernel_memory_bytes', { policy: 'calls-of-true' })
    const before = memoryOf(await scrape(url))
    const [, address] = /serving on ([^\s"]+)/.exec(agent.stderr) ?? []
    const client = new TestClient(String(address).replace('unix://', 'unix:'))
    const id = { name: 'calls-of-true', domain: 'grpc' }
    try {
      await client.call('AddTracingPolicy', { yaml: policy, domain: id.domain })
      spawnSync('/usr/bin/true')
      await agent.events()
      const samples = await scrape(url)
      assert.ok(memoryOf(samples) > before, 'the sum of both')
      assert.equal(sumOf(samples, 'tetragon_tracingpolicy_loaded', { state: 'enabled' }), 2)
      await client.call('DeleteTracingPolicy', id)
    } finally {
      client.close()
    }
  })

  it('are listed in the info file', () => {
    const info = JSON.parse(readFileSync(join(agent.folder, 'tetragon-info.json'), 'utf8'))
    assert.equal(`http://${info.metrics_address}/metrics`, url)
  })

  it('are accompanied by a JSON log, which continues in a new file after SIGHUP', async () => {
    const first = readFileSync(logFile, 'utf8').split('\n').slice(0, -1)
    const messages = first.map((line) => JSON.parse(line) as { level: string; msg: string })
    const warning = messages.find(({ level }) => level === 'warning')
    assert.match(warning?.msg ?? '', /gops-address is not supported/)
    renameSync(logFile, `${logFile}.1`)
    agent.child.kill('SIGHUP')
    const deadline = performance.now() + waitMs
    while (!isThere(logFile) && performance.now() < deadline) await sleep(10)
    await agent.stop()
    const last = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? ''
    assert.match((JSON.parse(last) as { msg: string }).msg, /^stopped after \d+ events/)
  })
})

/** Maximum number of entries of a process's maps. */
function mapSizes(pid: number): number[] {
  const folder = `/proc/${pid}/fdinfo`
  const texts = readdirSync(folder).map((fd) => readIfThere(join(folder, fd)))
  return texts.flatMap((text) => Number(/^max_entries:\s*(\d+)$/m.exec(text)?.[1] ?? []))
}

function isThere(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
