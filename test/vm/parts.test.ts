import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { budgets, partsTable, reportParts } from './parts.ts'
import { repositoryRoot } from './repository.ts'

it('a line for each part says how long it took and how it ended', () => {
  const table = partsTable([
    { name: 'check', durationMs: 4400, failed: false },
    { name: 'kernel 6.12', durationMs: 612_000, failed: true },
    { name: 'another', durationMs: 1000, failed: false },
  ])
  assert.deepEqual(table.split('\n'), [
    'part         took          budget',
    'check         0:04 ok       0:30',
    'kernel 6.12  10:12 FAILED  12:00',
    'another       0:01 ok',
  ])
})

it('what failed is repeated after the table', () => {
  const lines: string[] = []
  const failures = ['host FAIL agent/x > y (1 ms)']
  const parts = [{ name: 'host', durationMs: 1000, failed: true, failures }]
  reportParts(parts, (line) => lines.push(line), '')
  assert.equal(lines.at(-1), '\nhost FAIL agent/x > y (1 ms)')
})

it('docs/contributing.md has the budget of every part', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/contributing.md'), 'utf8')
  const rows = text.split('\n').flatMap((line) => {
    const [, part, minutes] = /^\| `([^`]+)` +\|.*\| +([\d.]+) +\|$/.exec(line) ?? []
    return part === undefined ? [] : [[part, Number(minutes)]]
  })
  const documented = Object.fromEntries(rows) as Record<string, number>
  for (const [part, minutes] of Object.entries(budgets))
    assert.equal(documented[part], minutes, part)
})
