import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventRow } from '../worker/protocol.ts'
import { columns, ordered, shownColumns, toggleColumn } from './columns.ts'

test('columns have their order, and there is always one', () => {
  assert.deepEqual(ordered(['event', 'pid', 'nothing', 'time']), ['time', 'pid', 'event'])
  assert.deepEqual(ordered(['__proto__']), ['time', 'event'])
})

test('the only column cannot be hidden', () => {
  const saved: string[] = []
  Object.assign(globalThis, {
    localStorage: { setItem: (_: string, text: string) => saved.push(text) },
  })
  toggleColumn('time')
  assert.deepEqual(shownColumns.value, ['event'])
  toggleColumn('event')
  assert.deepEqual(shownColumns.value, ['event'])
  toggleColumn('pod')
  assert.equal(saved.at(-1), '["pod","event"]')
})

test('hostile names are visible', () => {
  const row: EventRow = { id: 0, time: 0, line: '', label: '', fields: { binary: '/a\u202e\n' } }
  assert.equal(columns.binary(row), '/a\\u202e\\n')
  assert.equal(columns.pod(row), '')
})

test('times have dates if there are several days', () => {
  const row: EventRow = { id: 0, time: 0, line: '', label: '', fields: {} }
  assert.equal(columns.time(row, false), '00:00:00.000')
  assert.equal(columns.time(row, true), '1970-01-01 00:00:00.000')
})
