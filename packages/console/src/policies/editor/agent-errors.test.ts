import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDiagnostics, readPolicies } from '@tetragon-ts/policy'
import { agentFindings } from './agent-errors.ts'

test('errors of an agent are found with their positions', () => {
  const text = 'kind: TracingPolicies\nspec: {kprobes: [{call: 1}]}\n'
  const { diagnostics } = readPolicies(text, 'policy.yaml')
  const answer = `node-1: add policy: ${formatDiagnostics(diagnostics, text)}`
  const expected = diagnostics.map(({ severity, line, column }) => [severity, line, column])
  assert.ok(expected.length > 1)
  const found = agentFindings(answer)
  assert.deepEqual(
    found.map(({ severity, line, column }) => [severity, line, column]),
    expected,
  )
  assert.match(found[0].text, /^\w/)
})

test('other errors have no positions', () => {
  assert.deepEqual(agentFindings('connect to 127.0.0.1:54321: it does not answer'), [])
  assert.deepEqual(agentFindings('sensor loader: exit status 1'), [])
})
