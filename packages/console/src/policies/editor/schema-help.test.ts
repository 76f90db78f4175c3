import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explanationAt, suggestionsAt } from './schema-help.ts'

const names = (text: string) =>
  suggestionsAt(text, text.length)?.suggestions.map((each) => each.text)

test('fields and values are suggested where they can be', () => {
  assert.deepEqual(names(''), ['apiVersion', 'kind', 'metadata', 'spec', 'status'])
  assert.ok(names('spec:\n  kpr')?.includes('kprobes'))
  assert.ok(names('spec:\n  kprobes:\n  - args: [{index: 0, type: ')?.includes('sock'))
  assert.ok(names('spec:\n  kprobes:\n  - selectors:\n    - matchArgs: [{')?.includes('operator'))
  assert.deepEqual(names('spec:\n  kprobes:\n  - syscall: '), ['true', 'false'])
  for (const text of [
    'spec:\n  kprobes: ',
    'spec:\n  nonsense:\n    ',
    'spec:\n  kprobes:\n  - call: ',
  ]) {
    assert.equal(names(text), undefined, text)
  }
})

test('a suggestion replaces the word at its start', () => {
  const text = 'spec:\n  kpr'
  const found = suggestionsAt(text, text.length)
  assert.equal(found?.from, text.indexOf('kpr'))
  const kprobes = found?.suggestions.find((each) => each.text === 'kprobes')
  assert.equal(kprobes?.insert, 'kprobes:')
  assert.match(kprobes?.field?.description ?? '', /\w/)
})

test('a field is explained at its name and at its value', () => {
  const text = 'spec:\n  kprobes:\n  - call: tcp_connect\n    args: [{index: 0, type: sock}]\n'
  for (const word of ['call', 'tcp_connect']) {
    const found = explanationAt(text, text.indexOf(word) + 1)
    assert.equal(found?.path, 'spec.kprobes.call')
    assert.equal(text.slice(found?.from, found?.to), word)
    assert.equal(found?.field.required, true)
  }
  assert.equal(explanationAt(text, text.indexOf('sock'))?.path, 'spec.kprobes.args.type')
  assert.equal(explanationAt(text, text.indexOf('{')), undefined)
  assert.equal(explanationAt('# spec', 3), undefined)
})
