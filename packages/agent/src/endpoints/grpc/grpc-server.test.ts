import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import type { Filter, GetEventsRequest } from '@tetragon-ts/api'
import { TestClient } from '../../testing/test-client.ts'
import { defaultRoles } from './clients/client-pattern.ts'
import { AgentServer } from './grpc-server.ts'
import { FakeHost } from './testing/fake-host.ts'
import { TestServer } from './testing/test-server.ts'

const exec = (binary: string, more: object = {}) => ({
  process_exec: { process: { exec_id: 'x', pid: 7, binary, ...more } },
  node_name: 'node',
  time: '2024-05-06T07:08:09.123456789Z',
})

const policy = (name: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  kprobes:
  - call: tcp_connect
    syscall: false
    args:
    - index: 0
      type: sock
`

let test: TestServer
before(async () => {
  test = await TestServer.start()
})
after(() => test.stop())

const call = (...args: Parameters<TestServer['client']['call']>) => test.client.call(...args)

async function waitFor(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await sleep(5)
  assert.ok(condition())
}

describe('events', () => {
  it('reach all clients, as they were', async () => {
    const [one, two] = [await test.client.events(), await test.client.events()]
    test.host.events.emit(exec('/bin/a'), exec('/bin/ü', { in_init_tree: false, tid: 8 }))
    const expected = [exec('/bin/a'), exec('/bin/ü', { in_init_tree: false, tid: 8 })]
    assert.deepEqual(await one.wait(2), expected)
    assert.deepEqual(await two.wait(2), expected)
    one.stream.cancel()
    await one.ended
    await waitFor(() => test.server.clients === 1)
    test.host.events.emit(exec('/bin/b'))
    await two.wait(3)
    two.stream.cancel()
    await waitFor(() => !test.host.events.isOpen)
  })

  it('are filtered, and their fields chosen', async () => {
    const stream = await test.client.events({
      allow_list: [{ binary_regex: ['^/bin/'] }],
      deny_list: [{ binary_regex: ['b$'] }],
      field_filters: [{ event_set: ['PROCESS_EXEC'], fields: 'process.pid', action: 'EXCLUDE' }],
    })
    test.host.events.emit(exec('/bin/a'), exec('/bin/b'), exec('/usr/c'), exec('/bin/d'))
    const binaries = (await stream.wait(2)).map((event) => event.process_exec?.process)
    assert.deepEqual(binaries, [
      { exec_id: 'x', binary: '/bin/a' },
      { exec_id: 'x', binary: '/bin/d' },
    ])
    stream.stream.cancel()
  })

  it('are selected by expressions, and by ancestors', async () => {
    const stream = await test.client.events({
      allow_list: [
        { cel_expression: ['process_exec.process.binary.endsWith("/a")'] },
        { pid_set: [1], binary_regex: ['c$'] },
      ],
    })
    // Process 1 is running (fake-host.ts), so its grandchild is known.
    const child = { pid: 8, exec_id: 'child', parent_exec_id: 'init' }
    const grandchild = { pid: 9, exec_id: 'grandchild', parent_exec_id: 'child' }
    test.host.events.emit(
      exec('/bin/a'),
      exec('/bin/b', child),
      exec('/bin/c'),
      exec('/bin/c', grandchild),
    )
    const ids = (await stream.wait(2)).map((event) => event.process_exec?.process?.exec_id)
    assert.deepEqual(ids, ['x', 'grandchild'])
    stream.stream.cancel()
  })

  it('cannot be filtered by details that the agent does not collect', async () => {
    const bpf: Filter = { capabilities: { effective: { any: ['CAP_BPF'] } } }
    const expression = (text: string): Filter => ({ cel_expression: ['true', text] })
    const ancestors: Filter = { ancestor_binary_regex: ['sh$'] }
    const cases: readonly [GetEventsRequest, string][] = [
      [{ allow_list: [bpf] }, '--enable-process-cred'],
      [{ deny_list: [{ pid: [1] }, bpf] }, '--enable-process-cred'],
      [{ allow_list: [ancestors] }, '--enable-ancestors=base'],
      [
        { allow_list: [{ event_set: ['PROCESS_LSM'], ...ancestors }] },
        '--enable-ancestors=base,lsm',
      ],
      [
        { allow_list: [expression('process_exec.process.ns.net.inum == 7u')] },
        '--enable-process-ns',
      ],
      [
        { deny_list: [expression('process_exit.process.user.name == "root"')] },
        '--username-metadata=unix',
      ],
    ]
    const { eventDetail } = test.host
    try {
      for (const [request, option] of cases) {
        await assert.rejects(test.client.events(request), ({ code, details }) => {
          assert.equal(code, status.FAILED_PRECONDITION)
          assert.ok(details.endsWith(`: events include it only with ${option}`), details)
          return true
        })
      }
      test.host.eventDetail = {
        environment: true,
        content: {
          ...eventDetail.content,
          credentials: true,
          namespaces: true,
          userNames: true,
          ancestors: ['base', 'lsm'],
        },
      }
      for (const [request] of cases) (await test.client.events(request)).stream.cancel()
    } finally {
      test.host.eventDetail = eventDetail
    }
    const mixed: Filter = { event_set: ['PROCESS_EXEC', 'PROCESS_KPROBE'], ...ancestors }
    test.host.eventDetail = {
      ...eventDetail,
      content: { ...eventDetail.content, ancestors: ['base'] },
    }
    try {
      ;(await test.client.events({ allow_list: [mixed] })).stream.cancel()
    } finally {
      test.host.eventDetail = eventDetail
    }
  })

  it('that were lost are reported', async () => {
    const stream = await test.client.events()
    test.host.events.emit(exec('/bin/a'))
    test.host.events.lose(5)
    const [, notice] = await stream.wait(2)
    assert.deepEqual(notice.rate_limit_info, { number_of_dropped_process_events: '5' })
    assert.equal(notice.node_name, 'node')
    stream.stream.cancel()
  })

  it('are lost and reported for a client that does not read, without delaying others', async () => {
    const slow = await test.client.events()
    const quick = await test.client.events()
    slow.stream.pause()
    const big = exec('/bin/a', { arguments: 'x'.repeat(2 ** 17) })
    for (let i = 1; i <= 300; i++) {
      test.host.events.emit(big)
      await quick.wait(i)
    }
    slow.stream.resume()
    const isNotice = (each: object) => 'rate_limit_info' in each
    await waitFor(() => slow.events.some(isNotice))
    test.host.events.emit(exec('/bin/last'))
    await waitFor(() => slow.events.at(-1)?.process_exec?.process?.binary === '/bin/last')
    const lost = slow.events
      .map((each) => Number(each.rate_limit_info?.number_of_dropped_process_events ?? 0))
      .reduce((sum, count) => sum + count, 0)
    const received = slow.events.filter((each) => !isNotice(each)).length
    assert.equal(received + lost, 301)
    assert.ok(lost > 100, `${lost} were lost`)
    quick.stream.cancel()
    slow.stream.cancel()
    await waitFor(() => test.host.messages.some((line) => line.includes('was too slow for')))
  })

  for (const [what, request] of Object.entries({
    'a pattern that is none': { allow_list: [{ binary_regex: ['('] }] },
    'a field that no event has': { field_filters: [{ fields: 'process.nonsense' }] },
    'an expression that is none': { allow_list: [{ cel_expression: ['process_exec.'] }] },
    'an event type that is none': { deny_list: [{ event_set: [77] }] },
  })) {
    it(`are refused for ${what}`, async () => {
      await assert.rejects(test.client.events(request), { code: status.INVALID_ARGUMENT })
    })
  }
})

describe('filters of clients', () => {
  const patterns = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `^/usr/bin/program-${i}$`)
  const large = { allow_list: [{ binary_regex: patterns(1000) }] }

  it('that are excessive are refused', async () => {
    const request = { deny_list: [{ arguments_regex: patterns(20_000) }] }
    await assert.rejects(test.client.events(request), ({ code, details }) => {
      assert.equal(code, status.INVALID_ARGUMENT)
      assert.match(details, /more than 32768 instructions \(arguments_regex\); join patterns/)
      return true
    })
  })

  it('are limited for all streams together, and ended streams free their share', async () => {
    const open = []
    const refused = async (): Promise<void> => {
      await assert.rejects(test.client.events(large), ({ code, details }) => {
        assert.equal(code, status.RESOURCE_EXHAUSTED)
        assert.match(details, /filters of all streams together .*; end other streams/)
        return true
      })
    }
    try {
      for (let i = 0; i < 4; i++) open.push(await test.client.events(large))
      await refused()
      // Other clients are not blocked, and an invalid request occupies nothing permanently.
      for (let i = 0; i < 20; i++) {
        const wrong = { ...large, deny_list: [{ event_set: [77] }] }
        await assert.rejects(test.client.events(wrong))
      }
      open.push(await test.client.events({ allow_list: [{ binary_regex: ['a'] }] }))
      open.shift()?.stream.cancel()
      await waitFor(() => test.server.clients === 4)
      open.push(await test.client.events(large))
      await refused()
    } finally {
      for (const { stream } of open) stream.cancel()
    }
    await waitFor(() => test.server.clients === 0)
  })
})

describe('streams', () => {
  it('are limited in number, and ended ones free their share', async () => {
    const other = await TestServer.start()
    // A connection has 256 streams at most.
    const clients = Array.from({ length: 4 }, () => new TestClient(`unix:${other.path}`))
    const streams = clients.flatMap((client) => Array.from({ length: 256 }, () => client.events()))
    const open = await Promise.all(streams)
    const refused = { code: status.RESOURCE_EXHAUSTED, details: /1024 streams are open/ }
    await assert.rejects(other.client.events(), refused)
    open.pop()?.stream.cancel()
    await waitFor(() => other.server.clients === 1023)
    await other.client.events()
    await assert.rejects(other.client.events(), refused)
    for (const client of clients) client.close()
    await other.stop()
  })
})

describe('policies', () => {
  const names = async () => {
    const { policies = [] } = (await call('ListTracingPolicies')) as {
      policies?: { name: string; state: string; error?: string }[]
    }
    return policies.map(({ name, state }) => `${name} ${state}`)
  }

  it('are added, shown, disabled, enabled and deleted', async () => {
    await call('AddTracingPolicy', { yaml: policy('one') })
    const { policies } = (await call('ListTracingPolicies', { domain: 'grpc' })) as {
      policies: { id: string }[]
    }
    assert.deepEqual(policies, [
      {
        id: policies[0].id,
        name: 'one',
        info: 'one enabled:true filterID:0 error:',
        sensors: ['generic_kprobe'],
        enabled: true,
        state: 'TP_STATE_ENABLED',
        kernel_memory_bytes: '12345',
        mode: 'TP_MODE_MONITOR_ONLY',
        stats: {
          action_counters: { post: '3', nopost: '4' },
          selector_action_counters: [
            {
              hook: 'tcp_connect',
              hook_index: 0,
              selector_index: 0,
              action_counters: { post: '3', nopost: '4' },
            },
          ],
        },
        domain: 'grpc',
        hook_statuses: [
          { section: 'kprobes', state: 'STATUS_LOADED', hook_description: 'tcp_connect (fentry)' },
        ],
      },
    ])
    assert.deepEqual(await call('ListTracingPolicies', { domain: 'static' }), {})
    await call('ConfigureTracingPolicy', { name: 'one', enable: false })
    assert.deepEqual(await names(), ['one TP_STATE_DISABLED'])
    assert.equal(test.host.loader.loaded.size, 0)
    await call('ConfigureTracingPolicy', { name: 'one', enable: true })
    assert.deepEqual(await names(), ['one TP_STATE_ENABLED'])
    assert.equal(test.host.loader.loaded.size, 1)
    await call('DeleteTracingPolicy', { name: 'one' })
    assert.deepEqual(await names(), [])
    assert.equal(test.host.loader.loaded.size, 0)
    assert.deepEqual(await call('ListDomains'), { domains: ['grpc', 'static'] })
  })

  it('that cannot be loaded stay with their error until they are added anew', async () => {
    const add = call('AddTracingPolicy', { yaml: policy('bad') })
    await assert.rejects(add, { code: status.FAILED_PRECONDITION, details: /no such/ })
    assert.deepEqual(await names(), ['bad TP_STATE_LOAD_ERROR'])
    await assert.rejects(call('AddTracingPolicy', { yaml: policy('bad') }), { details: /no such/ })
    await call('DeleteTracingPolicy', { name: 'bad' })
    assert.deepEqual(await names(), [])
  })

  it('that are invalid are refused with the errors', async () => {
    const yaml = policy('p').replace('type: sock', 'type: sok')
    await assert.rejects(call('AddTracingPolicy', { yaml }), {
      code: status.INVALID_ARGUMENT,
      details: /policy.yaml:11:13: error: .*did you mean "sock"/,
    })
    await assert.rejects(call('AddTracingPolicy', {}), { code: status.INVALID_ARGUMENT })
    const two = `${policy('a')}---\n${policy('b')}`
    await assert.rejects(call('AddTracingPolicy', { yaml: two }), {
      details: /expected one policy, found 2/,
    })
  })

  it('of the same name, or of none, are refused', async () => {
    await call('AddTracingPolicy', { yaml: policy('one') })
    const again = { yaml: policy('one') }
    await assert.rejects(call('AddTracingPolicy', again), { code: status.ALREADY_EXISTS })
    const reserved = { yaml: policy('one'), domain: 'sensors' }
    await assert.rejects(call('AddTracingPolicy', reserved), { code: status.INVALID_ARGUMENT })
    for (const name of ['DeleteTracingPolicy', 'ConfigureTracingPolicy'] as const) {
      const wrong = { name: 'one', domain: 'other', enable: true }
      await assert.rejects(call(name, wrong), {
        code: status.NOT_FOUND,
        details: /policy one of domain other not found; policy one of domain grpc exists$/,
      })
      await assert.rejects(call(name, { enable: true }), { code: status.INVALID_ARGUMENT })
    }
    await call('DeleteTracingPolicy', { name: 'one' })
  })

  it('are changed one after the other', async () => {
    const add = () => call('AddTracingPolicy', { yaml: policy('one') })
    const results = await Promise.allSettled(Array.from({ length: 20 }, add))
    assert.equal(results.filter((each) => each.status === 'fulfilled').length, 1)
    await call('DeleteTracingPolicy', { name: 'one' })
  })
})

describe('other calls', () => {
  it('report the health of the agent', async () => {
    assert.deepEqual(await call('GetVersion'), { version: '1.2.3' })
    const health = {
      event: 'HEALTH_STATUS_TYPE_STATUS',
      status: 'HEALTH_STATUS_RUNNING',
      details: 'running',
    }
    assert.deepEqual(await call('GetHealth'), { health_status: [health] })
    const output = {
      ...{ name: 'siem', address: 'syslog+tcp://logs:601/', guarantee: 'at most once' as const },
      ...{ failure: 'ECONNREFUSED', storeFailure: 'ENOSPC' },
      ...{ sent: 1, refused: 2, refusal: 'too long', retried: 3 },
      ...{ lost: [4, 0, 1], queued: 6, queuedBytes: 700, lag: 8900 },
    }
    test.host.outputStatuses = [output]
    const details =
      'output siem: fails to send to syslog+tcp://logs:601/ (ECONNREFUSED), at most once, 1 sent, ' +
      '2 refused (too long), 3 retried, 5 lost, 6 queued, 8.9 s behind, the spool fails (ENOSPC)'
    assert.deepEqual(await call('GetHealth'), { health_status: [health, { ...health, details }] })
    test.host.outputStatuses = []
    const address = 'otlp://otel:4317'
    const metrics = { name: 'otel', address, failure: undefined, sent: 1, refused: 2, failed: 3 }
    test.host.metricOutputStatuses = [
      { ...metrics, refusal: 'too old', lastSuccess: 1_700_000_000_000 },
      { ...metrics, refusal: undefined, failure: 'ECONNREFUSED', lastSuccess: undefined },
    ]
    const texts = [
      `metrics output otel: sends to ${address}, 1 sent, 2 refused (too old), 3 pushes failed, ` +
        'last: 2023-11-14T22:13:20.000Z',
      `metrics output otel: fails to send to ${address} (ECONNREFUSED), 1 sent, 2 refused, ` +
        '3 pushes failed, last: none succeeded',
    ]
    const pushes = texts.map((details) => ({ ...health, details }))
    assert.deepEqual(await call('GetHealth'), { health_status: [health, ...pushes] })
    test.host.metricOutputStatuses = []
    assert.deepEqual(await call('GetInfo'), await test.host.info())
    assert.deepEqual(await call('GetDebug', { flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE' }), {
      flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE',
      processes: { processes: await test.host.processes() },
    })
  })

  it('change the level of the log', async () => {
    assert.deepEqual(await call('GetDebug'), { level: 'LOG_LEVEL_DEBUG' })
    await call('SetDebug', { level: 'LOG_LEVEL_WARN' })
    assert.equal(test.host.log.level, 'warning')
    await call('SetDebug', { level: 'LOG_LEVEL_DEBUG' })
    await assert.rejects(call('SetDebug'), { code: status.INVALID_ARGUMENT })
  })

  it('that are deprecated are reported as such', async () => {
    for (const name of ['ListSensors', 'EnableSensor', 'DisableSensor', 'RemoveSensor'] as const) {
      await assert.rejects(call(name), { details: `${name} is deprecated` })
    }
    await assert.rejects(call('EnableTracingPolicy', { name: 'x' }), { details: /is deprecated/ })
  })
})

describe('an invalid request', () => {
  it('ends its connection and affects no other', async () => {
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    for (let i = 0; i < 40; i++) {
      const noise = randomBytes(i * 50)
      const socket = connect(test.path)
      socket.on('error', () => {})
      socket.resume()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.end(i % 2 === 0 ? noise : Buffer.concat([preface, noise]))
      await closed
    }
    assert.deepEqual(await call('GetVersion'), { version: '1.2.3' })
  })
})

describe('the socket', () => {
  const options = {
    allowPlaintext: false,
    roles: defaultRoles,
    eventQueueSize: 10,
    deprecatedCalls: false,
    healthIntervalMs: 1000,
  }

  it('is for its owner and group, and its folder contains nothing else', () => {
    assert.equal(statSync(test.path).mode & 0o777, 0o660)
    assert.deepEqual(readdirSync(test.folder), ['tetragon.sock'])
  })

  it('is not for others', async () => {
    chmodSync(test.folder, 0o755)
    // It becomes another user after its start, who may not be able to execute this Node.js.
    const script = `
      const { connect } = require('node:net')
      process.setgroups([])
      process.setgid(65534)
      process.setuid(65534)
      connect(${JSON.stringify(test.path)}).once('error', ({ code }) => console.log(code))
        .once('connect', () => process.exit(1))`
    const child = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: '/' })
    assert.equal(child.stdout, 'EACCES\n', child.stderr)
  })

  it('replaces one that a killed agent left, and is removed with the server', async () => {
    const path = join(test.folder, 'stale.sock')
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    assert.ok(existsSync(path))
    mkdirSync(join(test.folder, '.stale.sock-abcdef'))
    const address = { kind: 'unix', path } as const
    const server = await AgentServer.start(new FakeHost(), { addresses: [address], ...options })
    assert.equal(statSync(path).mode & 0o777, 0o660)
    const second = AgentServer.start(new FakeHost(), { addresses: [address], ...options })
    await assert.rejects(second, { code: 'AGENT_SERVER', message: /another program listens on it/ })
    await server.close()
    assert.deepEqual(readdirSync(test.folder), ['tetragon.sock'])
    writeFileSync(path, 'data')
    const start = AgentServer.start(new FakeHost(), { addresses: [address], ...options })
    await assert.rejects(start, { code: 'AGENT_SERVER', message: /is a file, not a socket/ })
  })

  it('needs a folder', async () => {
    const file = join(test.folder, 'file')
    writeFileSync(file, '')
    const address = { kind: 'unix', path: join(file, 's') } as const
    const start = AgentServer.start(new FakeHost(), { addresses: [address], ...options })
    await assert.rejects(start, { code: 'AGENT_SERVER', message: /listen on unix:.*ENOTDIR/ })
    rmSync(file)
  })

  it('is not created where everyone can replace it', async () => {
    const open = join(test.folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    const address = { kind: 'unix', path: join(open, 's') } as const
    const start = AgentServer.start(new FakeHost(), { addresses: [address], ...options })
    await assert.rejects(start, {
      code: 'AGENT_SERVER',
      message: /everyone may replace files .*chmod o-w/,
    })
    chmodSync(open, 0o1777)
    const server = await AgentServer.start(new FakeHost(), { addresses: [address], ...options })
    await server.close()
    assert.deepEqual(readdirSync(open), [])
    rmSync(open, { recursive: true })
  })

  it('may be a port, but without TLS only if that is allowed', async () => {
    for (const host of ['0.0.0.0', '127.0.0.1', '::1', 'localhost', '']) {
      const addresses = [{ kind: 'tcp', host, port: 0 }] as const
      const refused = AgentServer.start(new FakeHost(), { addresses, ...options })
      const message = /without TLS, every.*leave out --server-address.*--server-allow-plaintext$/
      await assert.rejects(refused, { code: 'AGENT_SERVER', message })
    }
    const busy = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => busy.once('listening', resolve))
    const { port } = busy.address() as { port: number }
    const taken = { kind: 'tcp', host: '127.0.0.1', port } as const
    const allowed = { ...options, allowPlaintext: true }
    const start = AgentServer.start(new FakeHost(), { addresses: [taken], ...allowed })
    await assert.rejects(start, { code: 'AGENT_SERVER', message: /EADDRINUSE/ })
    busy.close()
  })
})
