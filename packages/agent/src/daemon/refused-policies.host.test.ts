import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { GetHealthStatusResponse, TracingPolicyStatus } from '@tetragon-ts/api'
import { agentProgram, makeTestFolder, RunningAgent } from '../testing/run-agent.ts'
import { TestClient } from '../testing/test-client.ts'
import { until } from '../testing/until.ts'

// Policies that this machine cannot enforce, through every source, with an agent started as users
// start it.

/** This machine cannot replace the results of system calls. */
const sentence = 'cannot enforce Override at __x64_sys_chdir: '
const overrides = '{action: Override, argError: -1}'

/**
 * No process has this working directory: nothing is stopped if this is ever enforced. Only
 * processes of this test are looked at: a path that cannot be read is enforced.
 */
const stops = (name: string, mode = '') => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
${mode === '' ? '' : `  options: [{name: policy-mode, value: ${mode}}]\n`}  kprobes:
  - call: sys_chdir
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["/none/refused"]}]
      matchActions:
      - ${overrides}
      matchPIDs: [{operator: In, followForks: true, values: [${process.pid}]}]
`
const watches = (name: string) => stops(name).replace(overrides, '{action: Post}')

async function connect(agent: RunningAgent): Promise<TestClient> {
  return new TestClient((await agent.serving()).replace('unix://', 'unix:'))
}

async function list(client: TestClient): Promise<TracingPolicyStatus[]> {
  const { policies } = (await client.call('ListTracingPolicies')) as {
    policies?: TracingPolicyStatus[]
  }
  return policies ?? []
}

/** `name STATE MODE` of every policy. */
async function states(client: TestClient): Promise<string[]> {
  return (await list(client)).map(({ name, state, mode }) => `${name} ${state} ${mode}`)
}

const refused = (line: number) => (error: { code: number; details: string }) => {
  assert.equal(error.code, status.FAILED_PRECONDITION)
  assert.ok(error.details.includes(`:${line}:`), error.details)
  assert.ok(error.details.includes(sentence), error.details)
  return true
}

describe('a policy that enforces', () => {
  let folder: string
  before(() => {
    folder = makeTestFolder()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is refused over gRPC, and loaded where it only monitors', async () => {
    const agent = await RunningAgent.start('--tracing-policy-dir', '')
    const client = await connect(agent)
    try {
      const add = (yaml: string, replace = false) =>
        client.call('AddTracingPolicy', { yaml, replace })
      await assert.rejects(add(stops('one')), refused(12))
      assert.deepEqual(await states(client), ['one TP_STATE_LOAD_ERROR TP_MODE_ENFORCE'])
      assert.ok((await list(client))[0].error?.includes(sentence))
      const configure = (request: object) =>
        client.call('ConfigureTracingPolicy', { name: 'one', ...request })
      await assert.rejects(configure({ enable: true }), refused(12))
      // Clients can still change it to monitor mode.
      await configure({ mode: 'TP_MODE_MONITOR' })
      await configure({ enable: true })
      const monitors = ['one TP_STATE_ENABLED TP_MODE_MONITOR']
      assert.deepEqual(await states(client), monitors)
      await assert.rejects(configure({ mode: 'TP_MODE_ENFORCE' }), refused(12))
      assert.deepEqual(await states(client), monitors)
      // Only loading shows that the kernel has no means.
      await configure({ enable: false })
      await configure({ mode: 'TP_MODE_ENFORCE' })
      assert.deepEqual(await states(client), ['one TP_STATE_DISABLED TP_MODE_ENFORCE'])
      await assert.rejects(configure({ enable: true }), refused(12))
      await client.call('DeleteTracingPolicy', { name: 'one' })
      await add(stops('one', 'monitor'))
      assert.deepEqual(await states(client), monitors)
      // The loaded policy stays if its replacement is refused.
      await assert.rejects(add(stops('one'), true), refused(12))
      assert.deepEqual(await states(client), monitors)
    } finally {
      client.close()
      await agent.remove()
    }
  })

  it('is counted, not executed, in mode monitor, and executed once its mode is enforce', async () => {
    const agent = await RunningAgent.start('--tracing-policy-dir', '')
    const client = await connect(agent)
    try {
      const yaml = stops('one', 'monitor').replace(overrides, '{action: Sigkill}')
      await client.call('AddTracingPolicy', { yaml })
      const script = 'cd /none/refused 2>/dev/null; cd /none/refused 2>/dev/null; echo alive'
      const attempt = () => spawnSync('/bin/sh', ['-c', script])
      const counters = async () => (await list(client))[0].stats?.action_counters
      assert.equal(attempt().stdout.toString(), 'alive\n')
      assert.deepEqual(await counters(), { post: '2', monitor_signal: '2' })
      const configure = (mode: string) =>
        client.call('ConfigureTracingPolicy', { name: 'one', mode })
      await configure('TP_MODE_ENFORCE')
      const { signal, stdout } = attempt()
      assert.deepEqual([signal, stdout.toString()], ['SIGKILL', ''])
      const killed = { post: '3', signal: '1', monitor_signal: '2' }
      assert.deepEqual(await counters(), killed)
      assert.deepEqual(await states(client), ['one TP_STATE_ENABLED TP_MODE_ENFORCE'])
      await configure('TP_MODE_MONITOR')
      assert.equal(attempt().stdout.toString(), 'alive\n')
      assert.deepEqual(await counters(), { ...killed, post: '5', monitor_signal: '4' })
    } finally {
      client.close()
      await agent.remove()
    }
  })

  it('that an earlier release stored has the state load_error', async () => {
    const kept = join(folder, 'kept')
    mkdirSync(kept)
    writeFileSync(join(kept, 'grpc%2F%2Fone.yaml'), stops('one'))
    writeFileSync(join(kept, 'grpc%2F%2Ftwo.yaml'), watches('two'))
    const agent = await RunningAgent.start(
      ...['--tracing-policy-dir', '', '--persist-grpc-policies'],
      ...['--persist-grpc-policies-dir', kept],
    )
    const client = await connect(agent)
    try {
      assert.deepEqual(await states(client), [
        'one TP_STATE_LOAD_ERROR TP_MODE_ENFORCE',
        'two TP_STATE_ENABLED TP_MODE_MONITOR_ONLY',
      ])
      assert.match(agent.stderr, /restore policies: [\s\S]*cannot enforce Override/)
    } finally {
      client.close()
      await agent.remove()
    }
  })

  it('in a file prevents the start', () => {
    for (const [name, spec, message] of [
      ['stops', '', sentence],
      ['uprobes', 'uprobes: [{path: /bin/sh, symbols: [none]}]', 'the file has no function none'],
      ['usdts', 'usdts: [{path: /bin/sh, provider: a, name: b}]', 'has no static probe a/b'],
    ]) {
      const file = join(folder, `${name}.yaml`)
      writeFileSync(file, spec === '' ? stops(name) : stops(name).replace(/kprobes:[\s\S]*/, spec))
      const args = ['--pid-file', join(folder, 'pid'), '--tracing-policy-dir', '']
      const { status: code, stderr } = spawnSync(
        ...([process.execPath, [agentProgram, ...args, '--tracing-policy', file]] as const),
        // The processes of a busy machine exceed the limit of what is kept.
        { stdio: ['ignore', 'ignore', 'pipe'] },
      )
      assert.equal(code, 1, name)
      const text = stderr.toString()
      assert.ok(text.includes(`${file}:`), text)
      assert.ok(text.includes(message), text)
      // Nothing was loaded before the check.
      assert.doesNotMatch(text, /watching processes/)
    }
  })

  it('in a file can be tolerated; in a reloaded one it leaves loaded policies unchanged', async () => {
    const policies = join(folder, 'tp.d')
    mkdirSync(policies)
    writeFileSync(join(policies, 'broken.yaml'), 'kind: [')
    writeFileSync(join(policies, 'one.yaml'), stops('one', 'monitor'))
    writeFileSync(join(policies, 'zero.yaml'), stops('zero'))
    const agent = await RunningAgent.start(
      ...['--tracing-policy-dir', policies, '--tolerate-policy-errors'],
    )
    const client = await connect(agent)
    const health = async () => {
      const { health_status } = (await client.call('GetHealth')) as GetHealthStatusResponse
      return health_status?.map(({ status, details }) => `${status} ${details}`)
    }
    try {
      assert.deepEqual(await states(client), [
        'broken.yaml TP_STATE_LOAD_ERROR TP_MODE_MONITOR_ONLY',
        'one TP_STATE_ENABLED TP_MODE_MONITOR',
        'zero TP_STATE_LOAD_ERROR TP_MODE_ENFORCE',
      ])
      assert.deepEqual(await health(), [
        'HEALTH_STATUS_RUNNING running; policies not in force: broken.yaml, zero',
      ])
      assert.match(agent.stderr, /load policy files: [\s\S]*cannot enforce Override/)
      assert.match(agent.stderr, /load policy files: .*broken\.yaml:/)
      rmSync(join(policies, 'broken.yaml'))
      rmSync(join(policies, 'zero.yaml'))
      writeFileSync(join(policies, 'one.yaml'), stops('one'))
      writeFileSync(join(policies, 'two.yaml'), stops('two'))
      writeFileSync(join(policies, 'three.yaml'), watches('three'))
      agent.child.kill('SIGHUP')
      await until('the folder', () => /reloaded: 1 added, 0 replaced/.test(agent.stderr))
      assert.deepEqual(await states(client), [
        'one TP_STATE_ENABLED TP_MODE_MONITOR',
        'three TP_STATE_ENABLED TP_MODE_MONITOR_ONLY',
        'two TP_STATE_LOAD_ERROR TP_MODE_ENFORCE',
      ])
      const errors = (await list(client)).map(({ error = '' }) => error.includes(sentence))
      assert.deepEqual(errors, [true, false, true])
      assert.match((await health())?.[0] ?? '', /not in force: one, two$/)
    } finally {
      client.close()
      await agent.remove()
    }
  })

  it('is refused by tetragon compile, unless it is to monitor', () => {
    const file = join(folder, 'compiled.yaml')
    writeFileSync(file, stops('compiled'))
    const compile = (...args: string[]) =>
      spawnSync(process.execPath, [agentProgram, 'compile', ...args, file])
    const { status: code, stderr } = compile()
    assert.equal(code, 1)
    assert.ok(stderr.toString().includes(`${file}:12:18: error: ${sentence}`), stderr.toString())
    const monitored = compile('--mode', 'monitor')
    assert.equal(monitored.status, 0, monitored.stderr.toString())
    assert.match(monitored.stdout.toString(), /sys_chdir/)
  })
})

describe('a policy that is too large', () => {
  const selector = '    - matchPIDs: [{operator: In, values: [1]}]\n'
  const large = (selectors: number) =>
    `${watches('large').replace(/ {4}args:[\s\S]*/, '    selectors:\n')}${selector.repeat(selectors)}`

  it('to compile is an error with a position, not a crash', () => {
    const folder = makeTestFolder()
    const file = join(folder, 'large.yaml')
    writeFileSync(file, large(8000))
    const args = [agentProgram, 'compile', file]
    const { status: code, stderr } = spawnSync(process.execPath, args)
    rmSync(folder, { recursive: true })
    assert.equal(code, 1)
    assert.match(stderr.toString(), /large.yaml:7:5: error: the hook is too large to compile/)
    assert.doesNotMatch(stderr.toString(), /Maximum call stack|at .*\.js/)
  })
})

describe('a policy that is accepted', () => {
  it('has its warnings in the log', async () => {
    const agent = await RunningAgent.start('--tracing-policy-dir', '')
    const client = await connect(agent)
    try {
      const yaml = watches('one').replace('args:', 'ARGS:')
      await client.call('AddTracingPolicy', { yaml })
      await until('the warning', () => agent.stderr.includes('"ARGS" is spelled "args"'))
      assert.match(agent.stderr, /policy\.yaml:8:5: warning: "ARGS" is spelled "args"/)
    } finally {
      client.close()
      await agent.remove()
    }
  })
})
