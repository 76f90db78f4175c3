import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AgentError } from '../error.ts'
import { noExecFields, plainContent } from '../reader/event-content.ts'
import { checkOutput } from '../reader/export/output-options.ts'
import { agentOptionsOf } from './agent-options.ts'

const content = (...argv: string[]) => agentOptionsOf(argv).content

describe('the content of events', () => {
  it('is the basics', () => {
    assert.deepEqual(content(), plainContent)
  })

  it('includes what options request', () => {
    const all = content(
      ...['--enable-process-cred', '--enable-process-ns', '--username-metadata', 'unix'],
      ...['--cluster-name', 'c', '--expose-stack-addresses', '--cgroup-rate', '1000,1.5s'],
      ...['--enable-ancestors', 'lsm,base,kprobe', '--ancestors-max', '5'],
      ...['--enable-k8s-api', '--enable-pod-annotations'],
    )
    assert.deepEqual(all, {
      podLabels: true,
      podWorkloads: true,
      podAnnotations: true,
      credentials: true,
      namespaces: true,
      ancestors: ['base', 'kprobe', 'lsm'],
      ancestorsMax: 5,
      userNames: true,
      clusterName: 'c',
      stackAddresses: true,
      cgroupRate: { events: 1000, interval: 1.5e9 },
      exec: plainContent.exec,
    })
  })

  it('has the requested fields of execs', () => {
    const exec = (value: string) => content('--exec-fields', value).exec
    const none = noExecFields
    assert.deepEqual(exec('none'), none)
    assert.deepEqual(exec(''), none)
    assert.deepEqual(exec('argv, environment'), { ...none, argv: true, variables: true })
    const message = /invalid value "arg" \(expected executable, argv, environment, session, layer\)/
    assert.throws(() => exec('arg'), message)
  })

  it('has ancestors of known kinds', () => {
    assert.deepEqual(content('--enable-ancestors', 'base, future').ancestors, ['base'])
    assert.deepEqual(content('--enable-ancestors', '').ancestors, [])
  })

  it('must include the fields that export filters test', async () => {
    const deny = ['--export-denylist', '{"capabilities":{"effective":{"any":["CAP_BPF"]}}}']
    const message = /--export-denylist: .* only with --enable-process-cred$/
    await assert.rejects(checkOutput(agentOptionsOf(deny)), { code: 'AGENT_OPTION', message })
    await checkOutput(agentOptionsOf([...deny, '--enable-process-cred']))
    const labels = ['--export-denylist', '{"labels":["a=b"]}']
    const needsApi = /labels: .* only with --enable-k8s-api, --enable-cri or --enable-nri$/
    await assert.rejects(checkOutput(agentOptionsOf(labels)), { message: needsApi })
    await checkOutput(agentOptionsOf([...labels, '--enable-k8s-api']))
    await checkOutput(agentOptionsOf([...labels, '--enable-cri']))
    const cel = [
      '--export-denylist',
      '{"cel_expression":["process_exec.process.pod.workload == \'a\'"]}',
    ]
    const needsWatch = /workload.* only with --enable-k8s-api$/
    await assert.rejects(checkOutput(agentOptionsOf([...cel, '--enable-cri'])), {
      message: needsWatch,
    })
    const annotations = ['--export-denylist', cel[1]!.replace('workload', 'pod_annotations.a')]
    for (const [own, lacking] of [
      [[], '--enable-pod-annotations and --enable-k8s-api, --enable-cri or --enable-nri'],
      [['--enable-nri'], '--enable-pod-annotations'],
    ] as const) {
      await assert.rejects(checkOutput(agentOptionsOf([...annotations, ...own])), {
        message: new RegExp(`pod_annotations: .* only with ${lacking}$`),
      })
    }
    await checkOutput(agentOptionsOf([...annotations, '--enable-cri', '--enable-pod-annotations']))
    // Ancestors are cached whether or not events include them.
    const allow = ['--export-allowlist', '{"ancestor_binary_regex":["sh$"]}']
    await checkOutput(agentOptionsOf(allow))
  })

  for (const argv of [
    ['--enable-ancestors', 'kprobe'],
    ['--username-metadata', 'ldap'],
    ...['1000', '1000,', '0,1s', '1e3,1s', '-1,1s', '5,1us', '5,2h', '5,1s,1s', '5,s', ',1s'].map(
      (rate) => ['--cgroup-rate', rate],
    ),
  ]) {
    it(`refuses ${argv.join(' ')}`, () => {
      const isOptionError = (error: unknown) =>
        error instanceof AgentError && error.code === 'AGENT_OPTION'
      assert.throws(() => content(...argv), isOptionError)
    })
  }
})
