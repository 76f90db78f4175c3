import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Event, parseEvent } from '@tetragon-ts/api'
import { formatDiagnostics, readPolicies } from '@tetragon-ts/policy'
import { checkPolicy } from './check-policy.ts'
import { PolicyTrial } from './policy-trial.ts'

const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: tried}\n'

test('findings have the words and positions of tetra', async () => {
  const text = `${head}spec: {kprobes: [{call: f, args: [{index: 0, type: strin}]}]}\n`
  const { findings, policies } = await checkPolicy(text)
  const lines = findings.map(({ severity, line, column, text }) => {
    return `policy:${line}:${column}: ${severity}: ${text}`
  })
  const { diagnostics } = readPolicies(text, 'policy')
  const expected = formatDiagnostics(diagnostics, text).split('\n')
  assert.ok(lines.length > 0)
  for (const line of lines) assert.ok(expected.includes(line), line)
  assert.ok(findings.some(({ suggestion }) => suggestion === 'string'))
  assert.deepEqual(policies, [])
})

test('policies of a text have names', async () => {
  const { findings, policies } = await checkPolicy(
    `${head}spec: {kprobes: [{call: f, syscall: false}]}\n`,
  )
  assert.deepEqual(findings, [])
  assert.deepEqual(policies, [{ name: 'tried', namespace: '', enforces: false }])
})

test('a policy that enforces can be loaded in mode monitor', async () => {
  const enforcing = `${head}spec:
  # Only this one.
  kprobes:
  - {call: f, syscall: false, selectors: [{matchActions: [{action: Sigkill}]}]}
`
  const { policies, monitored, findings } = await checkPolicy(enforcing)
  assert.deepEqual(policies, [{ name: 'tried', namespace: '', enforces: true }])
  // Nothing limits it.
  assert.deepEqual(
    findings.map(({ code, severity }) => [code, severity]),
    [['POLICY_REACH', 'warning']],
  )
  assert.match(monitored ?? '', /# Only this one/)
  const again = await checkPolicy(monitored ?? '')
  assert.deepEqual(again.policies, [{ name: 'tried', namespace: '', enforces: false }])
  assert.equal(again.monitored, undefined)
})

function call(name: string, value: number): Event {
  const process = { exec_id: 'a', pid: 7, binary: '/bin/cat' }
  const args = [{ int_arg: value }]
  const body = { process, function_name: name, args, policy_name: 'watch' }
  const parsed = parseEvent(JSON.stringify({ process_kprobe: body, node_name: 'n' }))
  assert.ok(parsed.ok)
  return parsed.event
}

test('a trial counts events by selector, and says what it cannot know', () => {
  const trial = new PolicyTrial(`${head}spec:
  kprobes:
  - call: f
    syscall: false
    args: [{index: 0, type: int}]
    selectors:
    - label: one
      matchArgs: [{index: 0, operator: Equal, values: ["1"]}]
    - matchArgs: [{index: 0, operator: Equal, values: ["2"]}]
  - {call: g, syscall: false}
`)
  const events = [call('f', 1), call('f', 2), call('f', 2), call('f', 3), call('h', 1), undefined]
  for (const [id, event] of events.entries()) trial.see({ id, time: 0, line: `line ${id}` }, event)
  const { matched, policies, matches, ...others } = trial.result
  assert.deepEqual([others.events, matched], [6, 3])
  assert.deepEqual(policies[0].selectors, [
    { path: 'spec.kprobes[0].selectors[0]', label: 'one', call: 'f', events: 1 },
    { path: 'spec.kprobes[0].selectors[1]', label: '', call: 'f', events: 2 },
    { path: 'spec.kprobes[1]', label: '', call: 'g', events: 0 },
  ])
  assert.deepEqual(policies[0].unrecorded, ['g'])
  assert.deepEqual(
    matches.map(({ id, selector }) => [id, selector.slice(-2, -1)]),
    [
      [0, '0'],
      [1, '1'],
      [2, '1'],
    ],
  )
})

test('the list of matching events is bounded, and has the last ones', () => {
  const trial = new PolicyTrial(`${head}spec: {kprobes: [{call: f, syscall: false}]}\n`)
  const event = call('f', 1)
  for (let id = 0; id < 1000; id++) trial.see({ id, time: 0, line: '' }, event)
  assert.equal(trial.result.matched, 1000)
  assert.equal(trial.result.matches.length, 200)
  assert.equal(trial.result.matches.at(-1)?.id, 999)
})
