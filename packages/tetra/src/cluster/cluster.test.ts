import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { ownReceiver } from '../connection/own-receiver.ts'
import { FakeCluster } from '../testing/fake-cluster.ts'
import { runTetra } from '../testing/run-tetra.ts'
import { StartedTetra } from '../testing/started-tetra.ts'
import type { TestAgent } from '../testing/test-agent.ts'

const running = { health_status: [{ status: 'HEALTH_STATUS_RUNNING', details: 'running' }] }

let cluster: FakeCluster
let one: TestAgent
let two: TestAgent
before(async () => {
  cluster = await FakeCluster.start()
  one = await cluster.addAgent('one')
  two = await cluster.addAgent('two')
})
beforeEach(() => {
  for (const agent of [one, two]) {
    agent.reset()
    agent.answer('GetHealth', running)
  }
  cluster.refuses = undefined
  cluster.protocol = 'v4.channel.k8s.io'
})
afterEach(() => {
  // A failed test has not ended its command.
  process.emit('SIGINT')
})
after(() => cluster.stop())

const run = (...argv: string[]) => runTetra([...cluster.options, ...argv])
const follow = (...argv: string[]) => new StartedTetra([...cluster.options, 'getevents', ...argv])

/** An exec event. Times further apart than the arrivals would be those of wrong clocks. */
function exec(node: string, ms: number, binary = '/bin/x') {
  const time = `2026-01-01T00:00:00.${String(ms).padStart(3, '0')}Z`
  return { process_exec: { process: { binary, arguments: 'a' } }, node_name: node, time }
}

describe('all agents of a cluster', () => {
  it('have a status each, and missing ones fail the command', async () => {
    cluster.protocol = 'v5.channel.k8s.io'
    assert.deepEqual(await run('status'), {
      out: 'NODE   HEALTH\none    running\ntwo    running\n',
      err: '',
      code: 0,
    })
    cluster.setPod('two', { waiting: { reason: 'CrashLoopBackOff' } })
    const { out, code } = await run('status')
    cluster.setPod('two', { running: {} })
    assert.match(out, /\ntwo {4}pod tetragon-two is CrashLoopBackOff\n$/)
    assert.equal(code, 1)
  })

  it('have policies, with the nodes that differ', async () => {
    const policy = (state: string, error?: string) => ({
      name: 'p',
      domain: 'k8s',
      state,
      error,
      mode: 'TP_MODE_ENFORCE',
      kernel_memory_bytes: 1000,
      stats: { action_counters: { post: 3 } },
    })
    one.answer('ListTracingPolicies', { policies: [policy('TP_STATE_ENABLED')] })
    two.answer('ListTracingPolicies', {
      policies: [
        policy('TP_STATE_LOAD_ERROR', 'no\nhook'),
        { ...policy('TP_STATE_DISABLED'), name: 'q' },
      ],
    })
    const { out, code } = await run('tracingpolicy', 'list')
    assert.equal(code, 0)
    assert.deepEqual(
      out.split('\n').map((line) => line.split(/ {3,}/)),
      [
        ['NAME', 'NAMESPACE', 'DOMAIN', 'NODES', 'STATE', 'KERNELMEMORY', 'MODE'].concat(
          ...['NPOST', 'NENFORCE', 'NMONITOR'],
        ),
        ['p', '(global)', 'k8s', '1/2', 'enabled', '2.00 kB', 'enforce', '6', '0', '0'],
        ['', 'load_error on 1: two'],
        ['', 'on two: no'],
        ['', 'hook'],
        ['q', '(global)', 'k8s', '1/2', 'disabled', '1.00 kB', 'enforce', '3', '0', '0'],
        ['', 'absent on 1: one'],
        [''],
      ],
    )
    const { nodes } = JSON.parse((await run('tp', 'list', '-o', 'json')).out)
    assert.deepEqual(
      nodes.map((each: { node: string; policies: object[] }) => [each.node, each.policies.length]),
      [
        ['one', 1],
        ['two', 2],
      ],
    )
  })

  it('have programs of a policy each, read from one node after the other', async () => {
    const hook = (name: string, continued = false) => {
      return { path: 'spec.kprobes[0]', call: 'x', continued, programs: [{ name }] }
    }
    one.answer('GetPolicyPrograms', { hooks: [hook('tg_a')] })
    two.answerInTurn('GetPolicyPrograms', [
      { hooks: [hook('tg_b')], next_position: 1 },
      { hooks: [hook('tg_c', true)] },
    ])
    const { out, code } = await run('tp', 'programs', 'p', '-o', 'json')
    assert.equal(code, 0)
    const lines = out.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => {
        const { node, programs } = JSON.parse(line) as ReturnType<typeof hook> & { node: string }
        return [node, ...programs.map(({ name }) => name)]
      }),
      [
        ['one', 'tg_a'],
        ['two', 'tg_b', 'tg_c'],
      ],
    )
    assert.equal(one.requestsOf('GetPolicyPrograms').length, 1)
    two.failOnly('GetPolicyPrograms', 5, 'show programs of policy: p not found')
    const { out: text, err, code: failed } = await run('tp', 'programs', 'p')
    assert.match(text, /^policy p on node one\n/)
    assert.equal(err, 'tetra: missing: node two: show programs of policy: p not found\n')
    assert.equal(failed, 1)
  })

  it('have one list of processes', async () => {
    const activity = (pid: number, count: number) => ({
      elapsed: '1s',
      counts_syscalls: true,
      processes: [{ pid, binary: '/bin/x', syscalls: [{ name: 'read', count }] }],
    })
    one.answerWatch('WatchActivity', activity(1, 5))
    two.answerWatch('WatchActivity', activity(2, 7))
    const { out, code } = await run('top', '--once')
    assert.equal(code, 0)
    assert.deepEqual(
      out.split('\n').map((line) => line.trim().split(/ {3,}/)),
      [
        ['2 processes active in 1.0 s, 12 system calls and 0 events per second'],
        [''],
        ['NODE', 'PID', 'CALLS/s', 'EVENTS/s', 'BINARY', 'POD', 'MOST FREQUENT'],
        ['two', '2', '7.0', '0', '/bin/x', 'read 7.0'],
        ['one', '1', '5.0', '0', '/bin/x', 'read 5.0'],
        [''],
      ],
    )
  })

  it('have events in order of time, with their nodes', async () => {
    // All four events must arrive within the window, on slow machines too.
    const tetra = follow('-o', 'compact', '--process', 'x', '--merge-window', '3s')
    await one.streams(1)
    await two.streams(1)
    one.send(exec('one', 1), exec('one', 3))
    two.send(exec('two', 2), exec('two', 4))
    await tetra.until('events', () => tetra.lines.length === 4)
    const nodes = tetra.lines.map((line) => line.split(' ')[0])
    assert.deepEqual(nodes, ['one', 'two', 'one', 'two'])
    assert.equal(tetra.lines[0], 'one 🚀 process one /bin/x a')
    one.send(exec('one', 0))
    await tetra.until('the late event', () => tetra.lines.length === 5)
    assert.equal(await tetra.interrupt(), 0)
    assert.equal(
      tetra.err,
      'tetra: following 2 of 2 nodes\ntetra: 1 event came too late to be printed in order\n',
    )
    assert.deepEqual(one.requestsOf('GetEvents'), two.requestsOf('GetEvents'))
    // Undefined in a container.
    const receiver = ownReceiver()
    const request = { allow_list: [{ binary_regex: ['x'] }], ...(receiver && { receiver }) }
    assert.deepEqual(one.requestsOf('GetEvents'), [request])
    await tetra.until('the end of the commands', () => cluster.running.size === 0)
  })

  it('are followed when they come, go, return and stall', async () => {
    cluster.addNode('four')
    const tetra = follow('--timeout', '3s', '--merge-window', '100ms')
    await tetra.until('the start', () => /following \d of 3 nodes; missing:\n/.test(tetra.err))
    const three = await cluster.addAgent('three')
    await three.streams(1)
    await tetra.until('the new node', () => /node three is new\n/.test(tetra.err))
    cluster.deletePod('three')
    await tetra.until('the end', () => /missing: node three: it has no agent\n/.test(tetra.err))
    cluster.breakConnections()
    // A slow machine may notice the silence first.
    const breaks = /missing: node one: (?:relay in pod|the agent does not answer)/
    await tetra.until('the break', () => breaks.test(tetra.err))
    await tetra.until('the return', () => /node one is back\n/.test(tetra.err))
    const before = tetra.err.length
    two.hang('GetHealth')
    // A slow machine may have said it already when the connections broke.
    const saysStall = () => /two: the agent does not answer\n/.test(tetra.err.slice(before))
    await tetra.until('the stall', saysStall)
    one.send(exec('one', 1))
    await tetra.until('an event', () => tetra.lines.length === 1)
    assert.deepEqual(JSON.parse(tetra.out), exec('one', 1))
    assert.equal(await tetra.interrupt(), 0)
    const end = tetra.err.slice(tetra.err.indexOf('tetra: the output is incomplete'))
    const [, ...missing] = end.split('\n')
    // On a slow machine the first agent may take longer than the time limit, too.
    const others = missing.filter((line) => !line.startsWith('  node one: '))
    assert.deepEqual(others.sort(), [
      '',
      '  node four: it has no agent',
      '  node three: it has no agent',
      '  node two: the agent does not answer',
    ])
    for (const name of ['three', 'four']) {
      cluster.api.delete('/api/v1/nodes', { metadata: { name } })
    }
  })

  it('cannot be asked without rights', async () => {
    cluster.refuses = 403
    for (const words of [['status'], ['getevents'], ['top', '--once']]) {
      const { err, code } = await run(...words)
      assert.equal(code, 1)
      assert.match(
        err,
        /exec in pod tetragon-\w+: 403 .*; you need the verbs get and create on pods\/exec in the namespace kube-system\n$/,
      )
    }
    cluster.api.misbehaviour.set('/api/v1/pods', 403)
    const { err } = await run('getevents')
    cluster.api.misbehaviour.clear()
    const expected = /list pods of kube-system: 403 .*; you need the verbs list and watch on pods/
    assert.match(err, expected)
  })

  it('are named by options that belong together', async () => {
    assert.match((await runTetra(['status', '--context', 'x'])).err, /--context needs --cluster/)
    const alone = ['getevents', '--merge-window', '2s', '--server-address', `unix://${one.path}`]
    assert.match((await runTetra(alone)).err, /--merge-window needs --cluster/)
    assert.match((await runTetra(['info', '--cluster'])).err, /unknown option --cluster/)
    const other = await runTetra(['status', '--cluster', '--kubeconfig', '/none'])
    assert.match(other.err, /^tetra: find the API server \(\/none\): ENOENT/)
    assert.equal(other.code, 1)
  })
})
