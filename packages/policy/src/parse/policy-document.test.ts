import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPolicy } from '../testing/policies.ts'
import { readPolicies } from './policy-document.ts'

const text = testPolicy('connections')
const [document] = readPolicies(text, 'connections.yaml').documents

function wordAt(path: string): string | undefined {
  const { line, column } = document.position(path)
  return document.line(line)?.slice(column - 1)
}

test('a path leads to its value, or to the name of a group', () => {
  assert.equal(wordAt('spec.kprobes[1].call'), '"tcp_close"')
  assert.equal(wordAt('spec.kprobes[2].args[1].type'), 'int')
  assert.equal(wordAt('spec.kprobes[2].args'), 'args:')
  assert.equal(wordAt('spec.kprobes[2].args[1]'), 'index: 2')
})

test('a missing path leads to its nearest parent', () => {
  assert.equal(wordAt('spec.kprobes[0].selectors[0].matchArgs[0]'), 'call: "tcp_connect"')
  assert.equal(wordAt('spec.kprobes[7].call'), 'kprobes:')
  assert.equal(wordAt('nothing.at.all'), 'apiVersion: cilium.io/v1alpha1')
})

test('later checks make diagnostics', () => {
  const allowed = ['tcp_close', 'tcp_connect']
  const path = 'spec.kprobes[0].call'
  const diagnostic = document.diagnose(path, 'POLICY_FUNCTION', 'there is no function tcp_conect', {
    allowed,
    given: 'tcp_conect',
  })
  assert.deepEqual(diagnostic, {
    severity: 'error',
    code: 'POLICY_FUNCTION',
    message: 'there is no function tcp_conect',
    path,
    file: 'connections.yaml',
    line: 8,
    column: 13,
    allowed,
    suggestion: 'tcp_connect',
  })
})

test('its text is its document in the file', () => {
  const content = text.replace(/^#.*\n/, '')
  assert.equal(document.text, content)
  const other = content.replace('name: "', 'name: "other-')
  const file = `# first\n${text}---\n# second\n${other}\n---\n`
  const texts = readPolicies(file, 'two.yaml').documents.map((each) => each.text)
  assert.deepEqual(texts, [content, other])
})
