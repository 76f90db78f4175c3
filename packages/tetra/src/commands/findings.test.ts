import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTetra } from '../testing/run-tetra.ts'

const event = (binary: string, ...levels: string[]): string =>
  JSON.stringify({
    process_exec: { process: { binary, arguments: '' } },
    node_name: 'n',
    ...(levels.length > 0 && {
      findings: levels.map((level) => ({ rule: 'r', title: `Rule of ${level}`, level })),
    }),
  })
const log = [event('/a', 'low'), event('/b'), event('/c', 'critical', 'low')]
  .map((each) => `${each}\n`)
  .join('')

test('findings prints events with findings of a level and above', async () => {
  const { out, code } = await runTetra(['findings', '--log', '-', '--min-level', 'medium'], log)
  assert.equal(code, 0)
  assert.equal(out, '🚀 process n /c \n   🚨 critical Rule of critical\n')
  const piped = await runTetra(['findings', '--min-level', 'medium'], log)
  assert.equal(piped.out, out)
})

test('findings prints whole events as JSON, and names an unknown level', async () => {
  const { out } = await runTetra(['findings', '--log', '-', '-o', 'json'], log)
  assert.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).findings[0].level),
    ['low', 'critical'],
  )
  const { err, code } = await runTetra(['findings', '--min-level', 'urgent'], '')
  assert.equal(code, 2)
  assert.match(
    err,
    /invalid value "urgent" \(expected informational, low, medium, high, critical\)/,
  )
})
