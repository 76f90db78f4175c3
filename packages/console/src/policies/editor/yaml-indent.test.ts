import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indentAfter } from './yaml-indent.ts'

test('a new line continues the fields of the line before', () => {
  const columns = { '': 0, 'spec:': 2, '  kprobes: # all': 4, '  - call: f': 4, '    index: 0': 4 }
  for (const [line, expected] of Object.entries(columns)) {
    assert.equal(indentAfter(line), expected, line)
  }
  assert.equal(indentAfter('  - args:'), 6)
})
