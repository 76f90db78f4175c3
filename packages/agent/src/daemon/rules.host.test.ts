import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import type {
  GetEventsResponse,
  ListRulesResponse,
  ListTracingPoliciesResponse,
  TracingPolicyStatus,
} from '@tetragon-ts/api'
import { makeTestFolder, RunningAgent } from '../testing/index.ts'
import { type EventCollector, TestClient } from '../testing/test-client.ts'
import { until } from '../testing/until.ts'

const rule = (title: string, level: string, source: string, detection: string): string => `
title: ${title}
level: ${level}
logsource: { product: linux, category: ${source} }
detection: { s: { ${detection} }, condition: s }
---`

const filter = (title: string, terms: string, text: string): string => `
title: ${title}
${terms}
logsource: { product: linux, category: process_creation }
filter: { rules: any, s: { CommandLine|contains: ${text} }, condition: not s }
---`

const opensPolicy = 'detection-rules-security-file-open'

const titlesOf = (events: readonly GetEventsResponse[]) =>
  events.map(({ findings = [] }) => findings.map(({ title }) => title).join())

// One agent for all cases, with rules in a folder and a policy for one of them.
describe('detection rules', () => {
  const folder = makeTestFolder()
  const rules = join(folder, 'rules.yaml')
  const secret = join(folder, 'secret')
  // A ConfigMap as the kubelet mounts it: files are links into a folder that is replaced.
  const map = makeTestFolder()
  const setMap = (version: string, text: string): void => {
    mkdirSync(join(map, `..${version}`))
    writeFileSync(join(map, `..${version}`, 'map.yaml'), text)
    symlinkSync(`..${version}`, join(map, '..data_tmp'))
    renameSync(join(map, '..data_tmp'), join(map, '..data'))
  }
  let agent: RunningAgent
  let client: TestClient
  let high: EventCollector
  let policyText: string
  /** Policies that the rules need. */
  const rulePolicies = async (): Promise<readonly TracingPolicyStatus[]> => {
    const { policies = [] } = (await client.call('ListTracingPolicies', {
      domain: 'rules',
    })) as ListTracingPoliciesResponse
    return policies
  }
  before(async () => {
    writeFileSync(secret, '')
    setMap('1', rule('Mapped', 'low', 'process_creation', 'CommandLine|contains: rules-map'))
    symlinkSync('..data/map.yaml', join(map, 'map.yaml'))
    writeFileSync(
      rules,
      rule('Started', 'high', 'process_creation', 'CommandLine|contains: rules-high') +
        rule('Quiet', 'low', 'process_creation', 'CommandLine|contains: rules-low') +
        rule('Early', 'medium', 'process_creation', 'CommandLine|contains: rules-early') +
        rule('Opened', 'medium', 'file_access', `TargetFilename: ${secret}`) +
        rule('Preload', 'low', 'process_creation', 'process.environment_names: LD_PRELOAD') +
        rule('Broken', 'high', 'process_creation', 'Imag: x') +
        filter('Past', 'expires: 2020-01-31', 'rules-high') +
        filter('Present', 'expires: 2100-01-31\nowner: ann', 'rules-excepted'),
    )
    const policy = join(folder, 'policy.yaml')
    policyText = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: { name: opens }
spec:
  kprobes:
  - call: security_file_open
    syscall: false
    args: [{ index: 0, type: file }]
    selectors: [{ matchArgs: [{ index: 0, operator: Equal, values: ["${secret}"] }] }]
`
    writeFileSync(policy, policyText)
    agent = await RunningAgent.start(
      ...['--rules', folder, '--rules-dir', map, '--tracing-policy', policy],
      '--export-allowlist={"finding_level":"medium"}',
    )
    // The agent is ready, and reads the rules: they see this start nevertheless.
    spawnSync('/bin/true', ['rules-early'])
    const socket = join(agent.folder, 'tetragon.sock')
    await until('the server', () => existsSync(socket))
    client = new TestClient(`unix:${socket}`)
    high = await client.events({ allow_list: [{ finding_level: 'high' }] })
  })
  after(async () => {
    client?.close()
    await agent?.remove()
    for (const each of [folder, map]) rmSync(each, { recursive: true, force: true })
  })

  /** Whole lines: the agent may be writing the last one. */
  const exported = (): GetEventsResponse[] =>
    readFileSync(agent.exportFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))

  it('report one that is broken, and go on with the others', async () => {
    await agent.rulesRead()
    const line = /rule left out: .*rules\.yaml:\d+:\d+: .*did you mean "Image"\?/
    assert.match(agent.stderr, line)
    assert.match(agent.stderr, /detection rules read: 6 in force/)
    const option = 'fields of --exec-fields=environment: the agent runs without this option'
    assert.ok(agent.stderr.includes(`a detection rule does not see ${option}`), agent.stderr)
  })

  it('put findings into events, by whose level clients and the export filter', async () => {
    spawnSync('/bin/true', ['rules-low'])
    spawnSync('/bin/true', ['rules-early', 'rules-excepted'])
    readFileSync(secret)
    spawnSync('/bin/true', ['rules-high'])
    const events = await until('the last finding', () => {
      const seen = exported()
      return titlesOf(seen).includes('Started') && seen
    })
    assert.deepEqual(titlesOf(events), ['Early', 'Opened', 'Started'])
    const [, opened, started] = events
    // The other policy's event of the same call has no finding, and is not exported.
    assert.equal(opened.process_kprobe?.policy_name, opensPolicy)
    assert.deepEqual(opened.findings?.[0]?.fields, [{ field: 'TargetFilename', value: secret }])
    assert.equal(started.process_exec?.process?.arguments, 'rules-high')
    const [streamed] = await high.wait(1)
    assert.equal(streamed.process_exec?.process?.exec_id, started.process_exec?.process?.exec_id)
    assert.deepEqual(titlesOf(high.events), ['Started'])
  })

  it('have exceptions, which are counted, and report those that have expired', async () => {
    const expired = /exception "Past" \(.*rules\.yaml:\d+\) has expired: .* after 2020-01-31/
    assert.match(agent.stderr, expired)
    const { rules: listed = [], filters = [] } = (await client.call(
      'ListRules',
    )) as ListRulesResponse
    assert.deepEqual(
      filters.map((each) => [each.title, each.owner, each.expires, each.expired]),
      [
        ['Past', undefined, '2020-01-31', true],
        ['Present', 'ann', '2100-01-31', undefined],
      ],
    )
    const early = listed.find(({ title }) => title === 'Early')
    const excepted = early?.excepted?.map(({ filter, count }) => [filter, count])
    assert.deepEqual([early?.findings, excepted], ['1', [['Present', '1']]])
    assert.ok(Date.now() - Date.parse(early?.last_finding ?? '') < 600_000)
    assert.ok(Number(early?.evaluations) >= 2)
  })

  it('switch on what they have to see, for themselves only', async () => {
    const policies = await rulePolicies()
    assert.deepEqual(
      policies.map(({ name, state }) => [name, state]),
      [[opensPolicy, 'TP_STATE_ENABLED']],
    )
    const listed = async (request: object): Promise<readonly (string | undefined)[]> => {
      const { policies = [] } = (await client.call(
        'ListTracingPolicies',
        request,
      )) as ListTracingPoliciesResponse
      return policies.map(({ name }) => name)
    }
    assert.deepEqual(await listed({}), ['opens'], 'clients of the original see those of users')
    assert.deepEqual(await listed({ rules: true }), ['opens', opensPolicy])
    const { policies: ofRules = [] } = (await client.call('ListRules')) as ListRulesResponse
    assert.deepEqual(
      ofRules.map(({ name, hook_statuses }) => [name, hook_statuses?.[0].state]),
      [[opensPolicy, 'STATUS_LOADED']],
    )
    assert.ok(Number(ofRules[0].kernel_memory_bytes) > 0)
    const policy = { name: opensPolicy }
    await assert.rejects(client.call('DeleteTracingPolicy', policy), {
      code: status.FAILED_PRECONDITION,
      details: /belongs to detection rules/,
    })
    const disabled = client.call('ConfigureTracingPolicy', { ...policy, enable: false })
    await assert.rejects(disabled, /belongs to detection rules/)
    const yaml = policyText.replace('name: opens', `name: ${opensPolicy}`)
    await assert.rejects(client.call('AddTracingPolicy', { yaml }), {
      code: status.INVALID_ARGUMENT,
      details: /names that begin with detection-rules- belong to detection rules/,
    })
  })

  it('are read again on SIGHUP', async () => {
    writeFileSync(
      rules,
      rule('Other', 'high', 'process_creation', 'CommandLine|contains: rules-other'),
    )
    agent.child.kill('SIGHUP')
    await until('the reload', () => /detection rules reloaded: 2 in force/.test(agent.stderr))
    spawnSync('/bin/true', ['rules-high', 'again'])
    spawnSync('/bin/true', ['rules-other'])
    await until('the new rule', () => titlesOf(exported()).at(-1) === 'Other')
    assert.deepEqual(await rulePolicies(), [], 'no rule needs the hook any more')
    assert.equal(exported().length, 4)
  })

  it('are added, counted and deleted by clients; an error changes nothing', async () => {
    const added = (title: string): string => {
      return rule(title, 'high', 'process_creation', 'CommandLine|contains: rules-added')
    }
    const list = async (): Promise<ListRulesResponse> => client.call('ListRules')
    assert.deepEqual(await client.call('AddRules', { name: 'a', text: added('A') }), { count: 3 })
    spawnSync('/bin/true', ['rules-added'])
    await until('the added rule', () => titlesOf(exported()).at(-1) === 'A')
    await assert.rejects(
      client.call('AddRules', {
        name: 'b',
        text: `${added('B')}${rule('C', 'high', 'process_creation', 'Imag: x')}`,
      }),
      {
        code: status.INVALID_ARGUMENT,
        details: /^add rules: added:b:\d+:\d+: .*did you mean "Image"/,
      },
    )
    await assert.rejects(client.call('AddRules', { name: 'a\n', text: added('D') }), {
      code: status.INVALID_ARGUMENT,
      details: /none of them invisible/,
    })
    const { rules: listed = [], added: names } = await list()
    assert.deepEqual(
      listed.map(({ title, findings, file }) => [title, findings, file]),
      [
        ['Other', '1', rules],
        ['Mapped', undefined, join(map, 'map.yaml')],
        ['A', '1', 'added:a'],
      ],
    )
    assert.deepEqual(names, ['a'])
    // Files are read again beside what was added.
    agent.child.kill('SIGHUP')
    await until('the reload', () => /reloaded: 3 in force/.test(agent.stderr))
    assert.deepEqual(await client.call('DeleteRules', { name: 'a' }), { count: 2 })
    await assert.rejects(client.call('DeleteRules', { name: 'a' }), { code: status.NOT_FOUND })
    assert.deepEqual(
      (await list()).rules?.map(({ title }) => title),
      ['Other', 'Mapped'],
    )
  })

  it('that kill say in findings whether that was in force, also after a change of the mode', async () => {
    const victim = join(folder, 'victim')
    copyFileSync('/bin/true', victim)
    const text = rule('Killed', 'high', 'process_creation', `Image: ${victim}`)
    await client.call('AddRules', {
      name: 'kill',
      text: text.replace('level:', 'action: kill\nlevel:'),
    })
    const { policies = [] } = (await client.call('ListRules')) as ListRulesResponse
    const { name } = policies.find(({ mode }) => mode === 'TP_MODE_ENFORCE') ?? {}
    assert.equal(name, 'detection-rules-kill-killed')
    const found = async (word: string): Promise<unknown> => {
      const { signal } = spawnSync(victim, [word])
      const { findings = [] } = await until('the finding', () => {
        return exported().find(({ process_exec: exec }) => exec?.process?.arguments === word)
      })
      return [signal, findings[0].action, findings[0].action_state]
    }
    const setMode = (mode: string) => client.call('ConfigureTracingPolicy', { name, mode })
    assert.deepEqual(await found('first'), ['SIGKILL', 'kill', 'in_force'])
    await setMode('TP_MODE_MONITOR')
    assert.deepEqual(await found('second'), [null, 'kill', 'monitor'])
    await setMode('TP_MODE_ENFORCE')
    assert.deepEqual(await found('third'), ['SIGKILL', 'kill', 'in_force'])
    await client.call('DeleteRules', { name: 'kill' })
  })

  it('that miss a hook of the kernel say so', async () => {
    // Only kernels with kprobes or trampolines have it.
    const text = rule('Accepted', 'high', 'network_connection', 'Initiated: false')
    await client.call('AddRules', { name: 'accepted', text })
    const [policy] = await rulePolicies()
    const { rules: listed = [] } = (await client.call('ListRules')) as ListRulesResponse
    const { unseen = [] } = listed.find(({ title }) => title === 'Accepted') ?? {}
    if (policy.state === 'TP_STATE_ENABLED') assert.deepEqual(unseen, [])
    else assert.match(unseen.join(), /^inet_csk_accept: cannot hook inet_csk_accept: /)
    await client.call('DeleteRules', { name: 'accepted' })
    assert.deepEqual(await rulePolicies(), [])
  })

  it('are read again when a ConfigMap changes', async () => {
    setMap('2', rule('New', 'high', 'process_creation', 'CommandLine|contains: rules-new'))
    await until('the reload', () => agent.stderr.match(/detection rules reloaded/g)?.length === 3)
    spawnSync('/bin/true', ['rules-new'])
    await until('the rule of the ConfigMap', () => titlesOf(exported()).at(-1) === 'New')
  })
})
