import assert from 'node:assert/strict'
import { it } from 'node:test'
import { prepareTexts } from './prepare-texts.ts'

const text = `title: Victim
logsource: {product: linux, category: process_creation}
detection: {s: {Image|endswith: /victim}, condition: s}
action: kill
---
title: Spared
owner: ann
expires: 2026-06-15
logsource: {product: linux, category: process_creation}
filter: {rules: any, s: {CommandLine|contains: spared}, condition: not s}
`

it('a killing rule is compiled without an exception that has expired, and lists it', (t) => {
  t.mock.timers.enable({ apis: ['Date'] })
  const read = (time: string) => {
    t.mock.timers.setTime(Date.parse(time))
    const { inForce } = prepareTexts({ texts: [{ path: 'a.yaml', text }] })
    const [policy] = inForce.policies
    const conditions = JSON.stringify(policy.enforces?.conditions)
    const [{ title, owner, rules, isEnforced, wasExpired }] = inForce.filters
    assert.deepEqual([title, owner, rules, isEnforced], ['Spared', 'ann', ['Victim'], true])
    return [conditions.includes('victim'), conditions.includes('spared'), wasExpired]
  }
  assert.deepEqual(read('2026-06-15T23:59:59Z'), [true, true, false])
  assert.deepEqual(read('2026-06-16T00:00:00Z'), [true, false, true])
})
