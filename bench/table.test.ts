import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markdownTable, textTable } from './table.ts'

const table = {
  title: 'Some results',
  head: ['measure', 'ns'],
  rows: [
    ['getpid', '80'],
    ['exec', '1,234'],
  ],
}

test('a terminal gets aligned columns', () => {
  const lines = [
    'Some results',
    'measure     ns',
    '-------  -----',
    'getpid      80',
    'exec     1,234',
  ]
  assert.equal(textTable(table), lines.join('\n'))
})

test('a document gets a Markdown table', () => {
  const lines = [
    ...['Some results:', '', '| measure |    ns |', '| ------- | ----: |'],
    ...['| getpid  |    80 |', '| exec    | 1,234 |'],
  ]
  assert.equal(markdownTable(table), lines.join('\n'))
  assert.match(markdownTable({ ...table, title: '' }), /^\| measure/)
})
