import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '../testing/index.ts'
import { findingsOf, goodPolicy, policyText } from '../testing/policies.ts'

const loader = policyText('loader: true')

test('names follow DNS-1123', () => {
  for (const name of ['a', 'a-b.c', '1st', 'x'.repeat(253)]) {
    assert.deepEqual(findingsOf(loader.replace('name: test', `name: "${name}"`)), [], name)
  }
  for (const name of ['A', 'a_b', '-a', 'a-', 'a..b', 'x'.repeat(254)]) {
    const text = loader.replace('name: test', `name: "${name}"`)
    assert.deepEqual(findingsOf(text), ['POLICY_NAME metadata.name'], name)
  }
})

test('namespaces: the default one, and where they have no effect', () => {
  const spec = 'tracepoints:\n- subsystem: sched\n  event: sched_switch'
  const namespaced = policyText(spec, 'TracingPolicyNamespaced')
  assert.equal(goodPolicy(namespaced).namespace, 'default')
  const inNamespace = (text: string, name: string) =>
    text.replace('name: test', `name: test\n  namespace: ${name}`)
  assert.equal(goodPolicy(inNamespace(namespaced, 'web')).namespace, 'web')
  assert.deepEqual(findingsOf(inNamespace(namespaced, 'We_b')), ['POLICY_NAME metadata.namespace'])
  assert.deepEqual(findingsOf(inNamespace(loader, 'web')), [
    'warning POLICY_IGNORED metadata.namespace',
  ])
})

test('fields that a namespaced policy cannot have', () => {
  const spec = `
hostSelector: {}
loader: true
uprobes: [{path: /bin/sh, symbols: [main]}]
usdts: [{path: /bin/sh, provider: a, name: b}]`
  assert.deepEqual(findingsOf(policyText(spec, 'TracingPolicyNamespaced')), [
    'POLICY_SCOPE spec.hostSelector',
    'POLICY_SCOPE spec.loader',
    'POLICY_SCOPE spec.uprobes',
    'POLICY_SCOPE spec.usdts',
  ])
  assert.deepEqual(findingsOf(policyText(spec.replace('loader: true', ''))), [])
})

test('loader requires a policy for all workloads', () => {
  assert.deepEqual(findingsOf(policyText('loader: true\npodSelector: {}')), [
    'POLICY_SCOPE spec.loader',
  ])
})

test('several sections in one policy', () => {
  const policy = goodPolicy(
    policyText(`
tracepoints: [{subsystem: a, event: b}]
kprobes: [{call: sys_read}, {call: sys_read}]
lsmhooks: [{hook: file_open}]`),
  )
  assert.deepEqual(
    policy.hooks.map(({ section, index, call }) => [section, index, call]),
    [
      ['kprobes', 0, 'sys_read'],
      ['kprobes', 1, 'sys_read'],
      ['tracepoints', 0, 'a/b'],
      ['lsmhooks', 0, 'file_open'],
    ],
  )
})

test('options', () => {
  const options = (...pairs: [string, string][]) =>
    policyText(
      `options:\n${pairs.map(([name, value]) => `- {name: ${name}, value: "${value}"}`).join('\n')}`,
    )
  assert.deepEqual(goodPolicy(loader).options, {
    disableKprobeMulti: false,
    disableUprobeMulti: false,
    mode: 'enforce',
    exactHooks: false,
    exports: 'all',
    unreadableArguments: 'enforce',
    unknownWorkloads: 'allow',
    equalRefusals: 'count',
  })
  assert.deepEqual(
    goodPolicy(
      options(
        ['disable-kprobe-multi', '1'],
        ['disable-uprobe-multi', 'true'],
        ['override-method', 'fmod-ret'],
        ['policy-mode', 'monitor'],
        ['sleepable-preload-size', '64'],
        ['exact-hooks', 'T'],
        ['unreadable-arguments', 'allow'],
        ['unknown-workloads', 'enforce'],
        ['equal-refusals', 'post'],
      ),
    ).options,
    {
      disableKprobeMulti: true,
      disableUprobeMulti: true,
      overrideMethod: 'fmod-ret',
      mode: 'monitor',
      sleepablePreloadSize: 64,
      exactHooks: true,
      exports: 'all',
      unreadableArguments: 'allow',
      unknownWorkloads: 'enforce',
      equalRefusals: 'post',
    },
  )
  assert.deepEqual(
    findingsOf(
      options(
        ['exact-hooks', 'yes'],
        ['override-method', 'fmod'],
        ['policy-mode', ''],
        ['sleepable-preload-size', '0'],
        ['exact-hooks', '0'],
        ['unknown-workloads', 'deny'],
        ['equal-refusals', 'fold'],
      ),
    ),
    [
      'POLICY_OPTION spec.options[0].value',
      'POLICY_OPTION spec.options[1].value',
      'POLICY_OPTION spec.options[2].value',
      'POLICY_OPTION spec.options[3].value',
      'warning POLICY_OPTION spec.options[4].name',
      'POLICY_OPTION spec.options[5].value',
      'POLICY_OPTION spec.options[6].value',
    ],
  )
  const [, unknown] = readPolicies(options(['exact-hook', '1']), 'f').diagnostics
  assert.equal(unknown.severity, 'warning')
  assert.equal(unknown.suggestion, 'exact-hooks')
})

test('lists', () => {
  const policy = goodPolicy(
    policyText(`
lists:
- {name: a, values: [tcp_close]}
- {name: b, type: syscalls, values: [sys_dup, i386/sys_dup2, __x64_sys_dup3]}
- {name: c, type: generated_syscalls}
- {name: d, type: generated_ftrace, pattern: "^ksys_"}`),
  )
  assert.deepEqual(
    [...policy.lists.values()].map(({ name, type, values, pattern }) => [
      ...[name, type, values.length, pattern],
    ]),
    [
      ['a', 'functions', 1, undefined],
      ['b', 'syscalls', 3, undefined],
      ['c', 'generated_syscalls', 0, undefined],
      ['d', 'generated_ftrace', 0, '^ksys_'],
    ],
  )
  assert.deepEqual(
    findingsOf(
      policyText(`
lists:
- {name: a}
- {name: b, type: syscalls, values: [dup, mips/sys_dup]}
- {name: c, type: generated_syscalls, values: [sys_dup]}
- {name: d, type: generated_ftrace}
- {name: e, type: generated_ftrace, pattern: "("}
- {name: f, values: ["no name"], pattern: x}
- {name: f, values: [y]}`),
    ),
    [
      'POLICY_MISSING_FIELD spec.lists[0].values',
      'POLICY_CALL spec.lists[1].values[0]',
      'POLICY_CALL spec.lists[1].values[1]',
      'warning POLICY_IGNORED spec.lists[2].values',
      'POLICY_MISSING_FIELD spec.lists[3].pattern',
      'POLICY_VALUE spec.lists[4].pattern',
      'POLICY_CALL spec.lists[5].values[0]',
      'warning POLICY_IGNORED spec.lists[5].pattern',
      'POLICY_LIST spec.lists[6].name',
    ],
  )
})

test('enforcers', () => {
  const lists = 'lists: [{name: a, type: syscalls, values: [sys_dup]}]'
  const calls = (text: string) => policyText(`${lists}\nenforcers: [{calls: [${text}]}]`)
  const [{ path, hooks }] = goodPolicy(calls('sys_read, security_file_open, "list:a"')).enforcers
  assert.equal(path, 'spec.enforcers[0]')
  assert.deepEqual(
    hooks.map((hook) => [hook.path, hook.call, hook.syscall, hook.list]),
    [
      ['spec.enforcers[0].calls[0]', 'sys_read', true, undefined],
      ['spec.enforcers[0].calls[1]', 'security_file_open', false, undefined],
      ['spec.enforcers[0].calls[2]', 'list:a', true, 'a'],
    ],
  )
  assert.deepEqual(findingsOf(calls('tcp_close, "list:b"')), [
    'POLICY_CALL spec.enforcers[0].calls[0]',
    'POLICY_LIST spec.enforcers[0].calls[1]',
  ])
  assert.deepEqual(findingsOf(calls('')), ['POLICY_MISSING_FIELD spec.enforcers[0].calls'])
  const functions = 'lists: [{name: a, values: [security_bpf, tcp_close]}]'
  assert.deepEqual(findingsOf(policyText(`${functions}\nenforcers: [{calls: ["list:a"]}]`)), [
    'POLICY_LIST spec.enforcers[0].calls[0]',
  ])
  const two = 'enforcers: [{calls: [sys_read]}, {calls: [sys_dup]}]'
  assert.deepEqual(findingsOf(policyText(two)), ['POLICY_VALUE spec.enforcers[1]'])
})

test('selectors of workloads', () => {
  const policy = goodPolicy(
    policyText(`
podSelector:
  matchLabels: {app.kubernetes.io/name: web}
  matchExpressions:
  - {key: tier, operator: In, values: [a, b]}
  - {key: x, operator: Exists}
hostSelector: {}
nodeSelector: {matchLabels: {a: b}}`),
  )
  assert.deepEqual(policy.podSelector?.matchLabels, { 'app.kubernetes.io/name': 'web' })
  assert.deepEqual(policy.podSelector?.matchExpressions[1], {
    key: 'x',
    operator: 'Exists',
    values: [],
  })
  assert.deepEqual(policy.hostSelector, {
    path: 'spec.hostSelector',
    matchLabels: {},
    matchExpressions: [],
  })
  assert.equal(policy.containerSelector, undefined)
  assert.deepEqual(
    findingsOf(
      policyText(`
podSelector:
  matchExpressions:
  - {key: tier, operator: In}
  - {key: x, operator: Exists, values: [a]}
containerSelector:
  matchLabels: {image: x}
  matchExpressions: [{key: names, operator: Exists}]
hostSelector:
  matchLabels: {a: b}`),
    ),
    [
      'POLICY_SELECTOR spec.podSelector.matchExpressions[0].values',
      'POLICY_SELECTOR spec.podSelector.matchExpressions[1].values',
      'POLICY_SELECTOR spec.containerSelector.matchLabels',
      'POLICY_SELECTOR spec.containerSelector.matchExpressions[0].key',
      'POLICY_SELECTOR spec.hostSelector',
    ],
  )
})
