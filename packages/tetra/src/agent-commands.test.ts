import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServerCredentials } from '@grpc/grpc-js'
import type { GetEventsRequest } from '@tetragon-ts/api'
import { ownReceiver } from './connection/own-receiver.ts'
import { type Outcome, runTetra } from './testing/run-tetra.ts'
import { TestAgent } from './testing/test-agent.ts'

/** Undefined in a container. */
const receiver = ownReceiver()
const program = fileURLToPath(new URL('../bin/tetra.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tetra-'))
const file = join(folder, 'policy.yaml')
const policy = `# a comment
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: one
spec:
  kprobes:
  - call: tcp_connect
    syscall: false
    args:
    - index: 0
      type: sock
`

let agent: TestAgent
before(async () => {
  writeFileSync(file, policy)
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
beforeEach(() => agent.reset())
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

function start(...argv: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, NO_COLOR: '' },
  })
  // A pipe that is closed without data, as in a cron job.
  child.stdin.on('error', () => {}).end()
  return child
}

/** Result of a child process: for signals, and for closed output. */
async function outcome(child: ChildProcessWithoutNullStreams) {
  const exit = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exit) as [number | null]
  return { out, err, code }
}

/** Interrupts a child process once it has printed something, and returns its result. */
async function interruptAfter(child: ChildProcessWithoutNullStreams, last: string) {
  const closed = once(child, 'close')
  let [out, err] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part
  })
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    if (!out.includes(last) && (out + part).includes(last)) child.kill('SIGINT')
    out += part
  })
  const [code] = (await closed) as [number | null]
  return { out, err, code }
}

function offline(input: string, ...argv: string[]): Promise<Outcome> {
  return runTetra(argv, input)
}

const address = () => ['--server-address', `unix://${agent.path}`]
const run = (...argv: string[]) => offline('', ...argv, ...address())

const done = (out: string) => ({ out, err: '', code: 0 })

describe('policies', () => {
  it('are added, with the requested mode', async () => {
    assert.deepEqual(
      await run('tracingpolicy', 'add', file),
      done(`tracing policy "${file}" added\n`),
    )
    const added = await run('tp', 'add', file, '-m', 'monitor', '--domain', 'mine')
    assert.equal(added.code, 0)
    const [first, second] = agent.requestsOf('AddTracingPolicy') as { yaml: string }[]
    assert.deepEqual(first, { yaml: policy })
    const monitor = '  options:\n  - name: policy-mode\n    value: monitor\n'
    assert.deepEqual(second, { yaml: policy + monitor, domain: 'mine' })
  })

  it('are added with their warnings on standard error', async () => {
    const { out, err, code } = await offline(
      policy.replace('kprobes', 'Kprobes'),
      ...['tp', 'add', '-', ...address()],
    )
    assert.deepEqual([out, code], ['tracing policy "-" added\n', 0])
    assert.match(err, /^<stdin>:\d+:3: warning: "Kprobes" is spelled "kprobes"/)
  })

  it('that the agent refuses are reported with all errors', async () => {
    agent.fail(9, 'add policy one:\npolicy.yaml:1:2: nothing\x1b of it')
    const refused = await run('tp', 'add', file)
    assert.deepEqual(refused, {
      out: '',
      err: `tetra: add policy one:\n${file}:1:2: nothing\\x1b of it\n`,
      code: 1,
    })
  })

  it('are deleted, enabled, disabled and get a mode', async () => {
    const id = { name: 'one', namespace: 'n', domain: 'd' }
    const flags = ['-n', 'n', '--domain', 'd']
    const say = (what: string) => done(`tracing policy "one" ${what}\n`)
    assert.deepEqual(await run('tp', 'delete', 'one', ...flags), say('deleted'))
    assert.deepEqual(await run('tp', 'enable', 'one', ...flags), say('enabled'))
    assert.deepEqual(await run('tp', 'disable', 'one', ...flags), say('disabled'))
    const set = await run('tp', 'set-mode', 'one', 'monitor', ...flags)
    assert.deepEqual(set, done('mode of tracing policy "one" is set to monitor\n'))
    assert.deepEqual(agent.requestsOf('DeleteTracingPolicy'), [id])
    assert.deepEqual(agent.requestsOf('ConfigureTracingPolicy'), [
      { ...id, enable: true },
      { ...id, enable: false },
      { ...id, mode: 'TP_MODE_MONITOR' },
    ])
  })

  it('are listed', async () => {
    agent.answer('ListTracingPolicies', {
      policies: [
        {
          id: 1,
          name: 'one',
          domain: 'grpc',
          state: 'TP_STATE_ENABLED',
          sensors: ['generic_kprobe', 'generic_lsm'],
          kernel_memory_bytes: 1_234_567,
          mode: 'TP_MODE_ENFORCE',
          stats: { action_counters: { post: 3, signal: 1, override: 2, monitor_set: 5 } },
        },
        {
          id: 2,
          name: 'a\x1b[2J',
          namespace: 'default',
          domain: 'k8s',
          state: 'TP_STATE_PARTIALLY_ENABLED',
          error: 'a\nb',
          hook_statuses: [
            { section: 'kprobes', hook_idx: 1, hook_description: 'f', state: 'STATUS_LOADED' },
          ],
        },
      ],
    })
    const { out, code } = await run('tp', 'list')
    const cells = out.split('\n').map((line) => line.split(/ {3,}/))
    assert.equal(code, 0)
    assert.deepEqual(cells, [
      [
        'ID',
        'NAME',
        'DOMAIN',
        'STATE',
        'FILTERID',
        'NAMESPACE',
        'SENSORS',
        'KERNELMEMORY',
        'MODE',
        'NPOST',
        'NENFORCE',
        'NMONITOR',
      ],
      [
        '1',
        'one',
        'grpc',
        'enabled',
        '0',
        '(global)',
        'generic_kprobe,generic_lsm',
        '1.23 MB',
        'enforce',
        '3',
        '3',
        '5',
      ],
      [
        '2',
        'a\\x1b[2J',
        'k8s',
        'partially_enabled',
        '0',
        'default',
        '',
        '0 B',
        'unknown',
        '0',
        '0',
        '0',
      ].filter(Boolean),
      ['', 'SECTION', 'CFGIDX', 'DESCRIPTION', 'STATUS'],
      ['', 'kprobes', '1', 'f', 'loaded'],
      ['', 'a'],
      ['', 'b'],
      [''],
    ])
    const json = await run('tp', 'list', '-o', 'json', '--domain', 'd')
    assert.equal(JSON.parse(json.out).policies[0].kernel_memory_bytes, '1234567')
    assert.deepEqual(agent.requestsOf('ListTracingPolicies'), [{}, { domain: 'd' }])
    agent.answer('ListDomains', { domains: ['grpc', 'static'] })
    assert.deepEqual(await run('tp', 'domains'), done('[grpc static]\n'))
  })

  it('are checked and modified without an agent', async () => {
    const unchecked = '; not checked: functions of kernels and means to enforce (see --kernel)\n'
    const good = await offline('', 'tp', 'validate', file)
    assert.deepEqual(good, {
      out: '',
      err: `1 policy is right; 0 errors, 0 warnings${unchecked}`,
      code: 0,
    })
    const bad = await offline(policy.replace('sock', 'sok'), 'tp', 'validate', '-', file)
    assert.match(bad.out, /^<stdin>:12:13: error: .*did you mean "sock"/)
    assert.match(bad.out, /\n {8}type: sok\n {14}\^\n$/)
    assert.deepEqual([bad.err, bad.code], [`1 policy is right; 1 error, 0 warnings${unchecked}`, 1])
    const json = await offline(policy.replace('sock', 'sok'), 'tp', 'validate', '-', '-o', 'json')
    assert.equal(JSON.parse(json.out).line, 12)
    const misspelt = policy.replace('kprobes', 'Kprobes')
    const warned = await offline(misspelt, 'tp', 'validate', '-')
    assert.match(warned.out, /^<stdin>:\d+:3: warning: "Kprobes" is spelled "kprobes"/)
    assert.deepEqual(
      [warned.err, warned.code],
      [`1 policy is right; 0 errors, 1 warning${unchecked}`, 0],
    )
    assert.equal((await offline(misspelt, 'tp', 'validate', '--strict', '-')).code, 1)
    const missing = await offline('', 'tp', 'validate', '/nowhere.yaml', file)
    assert.deepEqual([missing.code, missing.out], [1, ''])
    assert.match(missing.err, /read policy: ENOENT.*\/nowhere.yaml'\n1 policy is right; 1 error/)
    const inFolder = await offline('', 'tp', 'validate', folder)
    assert.deepEqual([inFolder.err, inFolder.code], [good.err, 0])
    const none = await offline('', 'tp', 'validate', '/proc/self/ns')
    assert.match(none.err, /\/proc\/self\/ns has no YAML files/)
    const modified = await offline('', 'tp', 'modify', file, '-m', 'monitor')
    assert.match(
      modified.out,
      /^# a comment\n.*options:\n +- name: policy-mode\n +value: monitor\n$/s,
    )
    const cased = modified.out.replace('spec:', 'Spec:').replace('name: policy', 'Name: policy')
    const again = await offline(cased, 'tp', 'modify', '-', '-m', 'enforce')
    assert.equal(again.out, cased.replace('value: monitor', 'value: enforce'))
    const back = await offline(modified.out, 'tp', 'modify', '-', '-m', 'enforce')
    assert.equal(back.out, modified.out.replace('value: monitor', 'value: enforce'))
    assert.match((await offline('', 'tp', 'modify', '-', '-m', 'enforce')).err, /not a policy/)
  })
})

describe('other commands', () => {
  it('show status, versions, information and log level', async () => {
    const health_status = [
      { event: 'HEALTH_STATUS_TYPE_STATUS', status: 'HEALTH_STATUS_RUNNING', details: 'running' },
    ]
    agent.answer('GetHealth', { health_status })
    assert.deepEqual(await run('status'), done('Health Status: running\n'))
    agent.answer('GetHealth', {
      health_status: [{ status: 'HEALTH_STATUS_ERROR', details: 'broken' }],
    })
    assert.deepEqual(await run('status'), { ...done('Health Status: broken\n'), code: 1 })
    agent.answer('GetVersion', { version: '9.8.7' })
    const before = await outcome(start(...address(), '--timeout=3s', '-d', 'version', '-s'))
    assert.match(before.out, /Server version: 9.8.7/)
    assert.match(before.err, /^tetra: the agent's address is unix:/)
    assert.match((await run('version', '-s')).out, /^CLI version: .*\nServer version: 9.8.7\n$/)
    agent.answer('GetInfo', { version: '9.8.7', probes: [{ Name: 'lsm', Enabled: false }] })
    assert.deepEqual(JSON.parse((await run('info')).out), {
      version: '9.8.7',
      probes: [{ Name: 'lsm', Enabled: false }],
    })
    agent.answer('GetDebug', { level: 'LOG_LEVEL_WARN' })
    assert.deepEqual(await run('loglevel', 'get'), done('Current log level: warning\n'))
    agent.answer('SetDebug', { level: 'LOG_LEVEL_TRACE' })
    assert.deepEqual(await run('log', 'set', 'trace'), done('Log level set to: trace\n'))
    assert.deepEqual(agent.requestsOf('SetDebug'), [{ level: 'LOG_LEVEL_TRACE' }])
  })

  it('show features of the kernel', async () => {
    const probes = [
      { Name: 'lsm', Enabled: false },
      { Name: 'signal', Enabled: true },
      { Name: 'fmodret' },
      { Name: 'bpf_loop', Enabled: true },
    ]
    agent.answer('GetInfo', { probes })
    const { out } = await run('probe')
    const [first, second, ...rest] = out.split('\n')
    assert.deepEqual([first, second], ['override_return: false', 'buildid: false'])
    assert.deepEqual(
      rest.filter((line) => !line.endsWith(': false')),
      ['signal: true', ''],
    )
    const features = JSON.parse((await run('probe', '-o', 'json')).out) as { name: string }[]
    assert.deepEqual(
      features.filter(({ name }) =>
        ['override_return', 'lsm', 'fmodret', 'bpf_loop'].includes(name),
      ),
      [
        { name: 'override_return', enabled: null },
        { name: 'fmodret', enabled: null },
        { name: 'lsm', enabled: false },
        { name: 'bpf_loop', enabled: true },
      ],
    )
  })

  it('show and set the rotation of events, and dump processes', async () => {
    agent.answer('GetEventLogParams', { max_size: 10, rotation_interval: '1h', max_backups: 5 })
    const shown = 'Current logging parameters: max_size:10 rotation_interval:"1h" max_backups:5\n'
    assert.deepEqual(await run('eventlog', 'get'), done(shown))
    assert.deepEqual(await run('eventlog', 'set', '--max-size', '0'), done(''))
    assert.deepEqual(agent.requestsOf('SetEventLogParams'), [{ max_size: 0 }])
    const process = { process: { pid: 1, binary: '/sbin/init' }, refcnt: 0 }
    agent.answer('GetDebug', { processes: { processes: [process] } })
    assert.deepEqual(await run('dump', 'processcache'), done(`${JSON.stringify(process)}\n`))
  })

  it('report errors in the command line', async () => {
    const cases: Record<string, RegExp> = {
      'tp ad x': /unknown command "ad"; did you mean "add"/,
      'tp add': /FILE is missing/,
      'tp delete a b': /unexpected argument "b"/,
      'tp set-mode a monitr': /parse MODE: invalid value "monitr" .*; did you mean "monitor"/,
      'loglevel set wrning': /parse LEVEL: invalid value "wrning" .*; did you mean "warning"/,
      'status --timeout soon': /parse --timeout: invalid time "soon"/,
      'status --retries -1': /parse --retries: invalid number "-1"/,
      'status --tls-cert-file x': /--tls-cert-file and --tls-key-file must be given together/,
      'status --tls-ca-cert-files /nowhere': /parse --tls-ca-cert-files: ENOENT/,
      'top --interval 0.1us': /parse --interval: invalid time "0.1us" \(100ms to 1h0m0s\)/,
      'top -i 2h': /parse -i: invalid time "2h" \(100ms to 1h0m0s\)/,
      'top --pid 1,': /parse --pid: empty value in "1,"/,
      'getevents --event-types=': /parse --event-types: empty value/,
      'eventlog set': /nothing to set/,
      tp: /Commands:\n {2}add /,
    }
    for (const [argv, message] of Object.entries(cases)) {
      const { err, code, out } = await offline('', ...argv.split(' '))
      assert.match(err, message)
      assert.deepEqual([code, out], [2, ''], argv)
    }
  })

  it('have help', async () => {
    const { out, code } = await offline('', 'help', 'tp', 'add')
    assert.equal(code, 0)
    assert.match(out, /Usage:\n {2}tetra tracingpolicy add \[options\] FILE\n/)
    assert.match(out, /Connection to the agent:\n +--server-address ADDRESS/)
    assert.equal((await offline('', 'tp', 'add', '--help')).out, out)
    assert.match((await offline('', 'help', 'tp')).out, /Commands:\n {2}add .*\n/)
  })

  it('report why the agent cannot be reached', async () => {
    const nowhere = ['--server-address', 'unix:///nowhere.sock', '--retries', '0']
    const { err, code } = await offline('', 'status', ...nowhere)
    assert.equal(
      err,
      'tetra: connect to unix:///nowhere.sock: connect ENOENT /nowhere.sock; ' +
        'is the agent running? Set its address with --server-address\n',
    )
    assert.equal(code, 1)
    agent.hang('GetVersion')
    const late = await run('version', '-s', '--timeout', '300ms')
    assert.match(late.err, /no answer in time; see --timeout/)
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe('TLS', { skip: hasOpenssl ? false : 'openssl is not installed' }, () => {
  const pem = (name: string) => join(folder, `${name}.pem`)
  const key = (name: string) => join(folder, `${name}.key`)

  it('is used with certificates of both sides', async () => {
    for (const name of ['server', 'client']) {
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
      const names = ['-subj', '/CN=agent.test', '-addext', 'subjectAltName=DNS:agent.test']
      const files = ['-keyout', key(name), '-out', pem(name), '-days', '2']
      const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...kind, ...names, ...files])
      assert.equal(status, 0, String(stderr))
    }
    const pair = {
      private_key: readFileSync(key('server')),
      cert_chain: readFileSync(pem('server')),
    }
    const credentials = ServerCredentials.createSsl(readFileSync(pem('client')), [pair], true)
    const port = await agent.listen('127.0.0.1:0', credentials)
    agent.answer('GetVersion', { version: '9' })
    const ask = (...flags: string[]) => {
      const where = ['--server-address', `127.0.0.1:${port}`, '--retries', '0']
      return offline('', 'version', '-s', ...where, ...flags)
    }
    const own = ['--tls-cert-file', pem('client'), '--tls-key-file', key('client')]
    const ca = ['--tls-ca-cert-files', pem('server')]
    const named = ['--tls-server-name', 'agent.test']
    assert.match((await ask(...own, ...ca, ...named)).out, /Server version: 9\n/)
    assert.match((await ask(...own, '--tls-skip-verify')).out, /Server version: 9\n/)
    for (const flags of [[], [...ca, ...named], [...own, ...named], [...own, ...ca]]) {
      const { code, err } = await ask(...flags)
      assert.equal(code, 1, flags.join(' '))
      assert.match(err, /^tetra: connect to 127/)
    }
  })
})

describe('getevents from an agent', () => {
  const exec = (binary: string) => ({
    process_exec: { process: { pid: 3, binary } },
    node_name: 'n',
    time: '2024-05-06T07:08:09.123456789Z',
  })

  it('prints events until it is interrupted', async () => {
    for (const format of ['json', 'compact']) {
      const child = start('getevents', '-o', format, ...address())
      const end = interruptAfter(child, '/bin/b')
      await agent.streams(1)
      agent.send(exec('/bin/a'), { process_dns: 1 } as object, exec('/bin/b'))
      const json = `${JSON.stringify(exec('/bin/a'))}\n${JSON.stringify(exec('/bin/b'))}\n`
      const compact = '🚀 process n /bin/a \n🚀 process n /bin/b \n'
      const { out, err, code } = await end
      assert.deepEqual([out, code], [format === 'json' ? json : compact, 0])
      assert.match(err, /skipped 1 event of unknown type \(the first is event 2: /)
      await agent.streams(0)
    }
  })

  it('lets the agent filter', async () => {
    const flags = ['-e', 'PROCESS_EXEC', '--host', '--process', '^/bin', '-f', 'process.binary']
    const end = run('getevents', ...flags)
    await agent.streams(1)
    agent.send(exec('/bin/a'))
    agent.endStreams()
    const kept = { ...exec('/bin/a'), process_exec: { process: { binary: '/bin/a' } } }
    assert.deepEqual(await end, {
      out: `${JSON.stringify(kept)}\n`,
      err: 'tetra: the agent has ended the stream; --reconnect waits for it\n',
      code: 0,
    })
    assert.deepEqual(agent.requestsOf('GetEvents'), [
      {
        allow_list: [{ event_set: ['PROCESS_EXEC'], namespace: [''], binary_regex: ['^/bin'] }],
        field_filters: [{ fields: 'process.binary' }],
        ...(receiver && { receiver }),
      },
    ])
  })

  it('does not ask for the events that receiving causes, except with --own', async () => {
    const end = run('getevents', '--own')
    await agent.streams(1)
    agent.endStreams()
    await end
    assert.deepEqual(agent.requestsOf('GetEvents'), [{ allow_list: [{}] }])
  })

  it('asks for the past, and ends after it', async () => {
    const since = '2026-01-31T12:00:00Z'
    const end = run('getevents', '--own', '--since', since, '--follow=false')
    await agent.streams(1)
    agent.send({ kept_since: '2026-01-31T12:00:05Z' }, exec('/bin/a'))
    agent.endStreams()
    assert.deepEqual(await end, {
      out: `${JSON.stringify(exec('/bin/a'))}\n`,
      err: 'tetra: the agent keeps events since 2026-01-31T12:00:05Z\n',
      code: 0,
    })
    const [{ since: asked, past_only }] = agent.requestsOf('GetEvents') as GetEventsRequest[]
    assert.deepEqual([Date.parse(asked ?? ''), past_only], [Date.parse(since), true])
  })

  it('does not take live events of an agent that knows no past for it', async () => {
    const end = run('getevents', '--since', '1h', '--follow=false')
    await agent.streams(1)
    agent.send(exec('/bin/a'))
    const { out, err, code } = await end
    await agent.streams(0)
    assert.deepEqual([out, code], ['', 1])
    assert.match(err, /does not send events of the past: omit --since/)
  })

  it('reports events that were lost', async () => {
    const end = run('getevents', '-o', 'compact')
    await agent.streams(1)
    agent.send({ rate_limit_info: { number_of_dropped_process_events: 7 } })
    agent.endStreams()
    const { out, err } = await end
    assert.equal(out, '')
    assert.match(err, /7 events were lost: /)
  })

  it('reconnects with the option', async () => {
    const child = start('getevents', '--reconnect', '--reconnect-wait', '50ms', ...address())
    const end = interruptAfter(child, '/bin/b')
    await agent.streams(1)
    agent.send(exec('/bin/a'))
    agent.endStreams({ code: 14, details: 'going away' })
    await agent.streams(1)
    agent.send(exec('/bin/b'))
    const { out, err, code } = await end
    assert.equal(out, `${JSON.stringify(exec('/bin/a'))}\n${JSON.stringify(exec('/bin/b'))}\n`)
    assert.match(err, /^getevents: err:connect to .*: going away.* retrying in 50ms\n$/)
    assert.equal(code, 0)
  })

  it('does not read the past again when it reconnects, and says so', async () => {
    const since = ['--since', '1h', '--reconnect', '--reconnect-wait', '50ms']
    const child = start('getevents', ...since, ...address())
    const end = interruptAfter(child, '/bin/b')
    await agent.streams(1)
    agent.send({ kept_since: new Date().toISOString() }, exec('/bin/a'))
    agent.endStreams({ code: 14, details: 'going away' })
    await agent.streams(1)
    agent.send(exec('/bin/b'))
    const { out, err } = await end
    assert.equal(out, `${JSON.stringify(exec('/bin/a'))}\n${JSON.stringify(exec('/bin/b'))}\n`)
    assert.match(err, /kept events are not read again: some may be missing\n/)
    const requests = agent.requestsOf('GetEvents') as GetEventsRequest[]
    assert.deepEqual(
      requests.slice(-2).map((request) => request.since !== undefined),
      [true, false],
    )
    const both = await run('getevents', ...since, '--follow=false')
    assert.equal(both.code, 2)
    assert.match(both.err, /omit --reconnect: with --follow=false, the stream ends after the past/)
  })

  it('ends quietly when the reader of the output is gone', async () => {
    const child = start('getevents', ...address())
    const exit = once(child, 'exit')
    const errors = text(child.stderr)
    await agent.streams(1)
    agent.send(exec('/bin/a'))
    child.stdout.once('data', () => child.stdout.destroy())
    const feed = setInterval(() => agent.send(exec('/bin/b')), 5)
    assert.deepEqual(await exit, [0, null])
    clearInterval(feed)
    assert.equal(await errors, '')
  })
})
