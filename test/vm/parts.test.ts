import assert from 'node:assert/strict'
import { it } from 'node:test'
import { partsTable } from './parts.ts'

it('a line for each part says how long it took and how it ended', () => {
  const table = partsTable([
    { name: 'check', durationMs: 4400, failed: false },
    { name: 'kernel 6.12', durationMs: 612_000, failed: true },
  ])
  assert.deepEqual(table.split('\n'), [
    'part         took',
    'check         0:04 ok',
    'kernel 6.12  10:12 FAILED',
  ])
})
