import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '../testing/index.ts'
import { formatDiagnostic } from './format.ts'

test('position, message, hint and path; then the line with a caret', () => {
  const text =
    'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicies\nmetadata: {name: a}\nspec: {}\n'
  const { diagnostics } = readPolicies(text, 'p.yaml')
  assert.equal(diagnostics.length, 1)
  assert.equal(
    formatDiagnostic(diagnostics[0], text),
    [
      'p.yaml:2:7: error: TracingPolicies is not one of the allowed values; allowed: ' +
        'TracingPolicy, TracingPolicyNamespaced; did you mean "TracingPolicy"? (kind)',
      '  kind: TracingPolicies',
      '        ^',
    ].join('\n'),
  )
  assert.doesNotMatch(formatDiagnostic(diagnostics[0]), /\n/)
})

test('tabs before the position are kept, so that the caret is below it', () => {
  const text = 'a:\tb: c'
  const diagnostic = {
    severity: 'warning',
    code: 'POLICY_VALUE',
    message: 'm',
    path: '',
    file: 'f',
    line: 1,
    column: 4,
  } as const
  assert.equal(formatDiagnostic(diagnostic, text), 'f:1:4: warning: m\n  a:\tb: c\n    \t^')
})

const place = {
  severity: 'error',
  code: 'POLICY_VALUE',
  message: 'm',
  path: '',
  file: 'f',
  line: 1,
} as const

test('control characters do not reach the terminal', () => {
  const diagnostic = { ...place, message: 'not \x1b[31m', column: 3 }
  assert.equal(
    formatDiagnostic(diagnostic, 'a \x1b[2Jb'),
    'f:1:3: error: not \ufffd[31m\n  a \ufffd[2Jb\n    ^',
  )
})

test('a long line is shortened around the position', () => {
  const text = `${'x'.repeat(1000)}y${'z'.repeat(1000)}`
  const [, line, caret] = formatDiagnostic({ ...place, column: 1001 }, text).split('\n')
  assert.equal(line.length, 202)
  assert.equal(line[caret.indexOf('^')], 'y')
})
