import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '../testing/index.ts'
import { policyText } from '../testing/policies.ts'

function findings(spec: string): string[] {
  const { diagnostics } = readPolicies(policyText(spec), 'f')
  return diagnostics.map(({ path, severity, message }) => `${severity} ${path}: ${message}`)
}

const filter = '{selectors: [{matchActions: [{action: NoPost}]}]}'

test('a policy with process filters has no hook of execs', () => {
  const event = 'tracepoints: [{subsystem: sched, event: sched_process_exec, raw: true}]'
  assert.deepEqual(findings(`processes: [${filter}, ${filter}]\n${event}`), [
    'error spec.tracepoints[0].event: hooks of sched/sched_process_exec run after the filters of ' +
      'all policies: put this hook and processes into two policies',
  ])
  assert.deepEqual(findings(`processes: [${filter}]`), [])
})

test('process filters have no conditions on arguments of a hook', () => {
  const selector = (condition: string) => findings(`processes: [{selectors: [{${condition}}]}]`)
  const ofArguments = selector('matchArgs: [{index: 0, operator: Equal, values: ["1"]}]')
  assert.match(ofArguments.join('\n'), /matchArgs\[0\]: matchArgs needs .*use matchCmdArgs/)
  const [cel] = selector('matchCEL: {expr: "1 == 1"}')
  assert.match(cel, /^error .*matchCEL needs arguments of a hook$/)
})

test('process filters take only actions that decide about the event', () => {
  const [refused] = findings('processes: [{selectors: [{matchActions: [{action: Sigkill}]}]}]')
  assert.match(refused, /^error spec\.processes\[0\]\.selectors\[0\]\.matchActions\[0\]/)
  const [stack] = findings(
    'processes: [{selectors: [{matchActions: [{action: Post, userStackTrace: true}]}]}]',
  )
  assert.match(stack, /^warning .*events of execs and exits have no stack$/)
})
