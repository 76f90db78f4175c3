import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertResults, MarkerError, markdownReport } from './document.ts'

const document = 'A\n<!-- bench:a -->\nold\n<!-- end -->\nB\n<!-- bench:b -->\n<!-- end -->\n'

test('results replace what stands between their own markers', () => {
  const once = insertResults(document, 'a', 'new')
  assert.equal(once, document.replace('\nold\n', '\n\nnew\n\n'))
  assert.equal(insertResults(once, 'a', 'new'), once)
  assert.match(insertResults(document, 'b', 'new'), /old[\s\S]*bench:b -->\n\nnew/)
})

test('a document without the markers is refused', () => {
  assert.throws(() => insertResults(document, 'c', 'new'), MarkerError)
})

test('notes follow the tables as a list', () => {
  const table = { title: '', head: ['x'], rows: [['1']] }
  const text = markdownReport({ tables: [table], notes: ['One.', 'Two.'] })
  assert.equal(text, '| x   |\n| --- |\n| 1   |\n\n- One.\n- Two.')
  assert.equal(markdownReport({ tables: [], notes: ['One.'] }), '- One.')
})
