import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { speedOf } from './machine-speed.ts'
import { budgets, partsTable, reportParts } from './parts.ts'
import { repositoryRoot } from './repository.ts'

const parts = [
  { name: 'check', durationMs: 64_400, failed: false },
  { name: 'kernel 6.12', durationMs: 912_000, processorMs: 700_000, failed: true },
  { name: 'kernel 6.1', durationMs: 700_000, processorMs: 170_000, failed: false },
  { name: 'another', durationMs: 1000, failed: false },
]

it('a line for each part has its times and result, and marks those over their budget of time or processor time', () => {
  assert.deepEqual(partsTable(parts, speedOf(50)).split('\n'), [
    'part         took          processor  budget',
    'check         1:04 ok                  1:00   OVER',
    'kernel 6.12  15:12 FAILED  11:40       8:00   OVER',
    'kernel 6.1   11:40 ok       2:50       3:00',
    'another       0:01 ok',
  ])
})

it('budgets are longer on a slower machine', () => {
  const lines = partsTable(parts, speedOf(134)).split('\n')
  assert.equal(lines[2], 'kernel 6.12  15:12 FAILED  11:40      16:00')
})

it('what failed is repeated after the table', () => {
  const lines: string[] = []
  const failures = ['host FAIL agent/x > y (1 ms)']
  const parts = [{ name: 'host', durationMs: 1000, failed: true, failures }]
  reportParts(parts, (line) => lines.push(line), speedOf(67), '')
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
