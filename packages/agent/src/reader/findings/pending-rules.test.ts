import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prepareRules } from '../../rules/prepare-rules.ts'
import { loadPrepared } from './load-rules.ts'
import { PendingRules } from './pending-rules.ts'

const rule = (title: string, detection: string): string => `title: ${title}
logsource: { product: linux, category: process_creation }
detection: { s: { ${detection} }, condition: s }
---
`

/** Each test starts a thread, which takes 0.3 seconds; the first one 2 seconds. */
describe('rules that another thread reads', () => {
  it('are compiled between the reading of records', async () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `value-${i}`)
    // A file has at most 1,000 rules.
    const files = Array.from({ length: 4 }, (_, file) =>
      Array.from({ length: 500 }, (_, i) => {
        const match = `Image|endswith: /bin${i}, CommandLine|re: '^\\S*x${file}.*y${i}'`
        return rule(`Rule ${file} ${i}`, match)
      }).join(''),
    )
    const texts = [...files, rule('Values', `CommandLine|contains: [${values}]`)]
    const pending = new PendingRules()
    let count = 0
    const prepared = await prepareRules({
      texts: texts.map((text, i) => ({ path: `${i}.yaml`, text })),
    })
    await pending.add(prepared, {
      done: (rules) => {
        count = rules?.inForce.rules.length ?? 0
      },
      failed: assert.fail,
    })
    let turns = 0
    for (; pending.isBusy; turns++) pending.proceed()
    assert.equal(count, 2001)
    assert.ok(turns > 1)
  })

  it('that cannot be compiled leave the reader, and those before, alone', async () => {
    const prepared = await prepareRules({
      texts: [{ path: 'a.yaml', text: rule('A', 'Image: /x') }],
    })
    const pending = new PendingRules()
    const failures: string[] = []
    const end = { done: () => assert.fail('in force'), failed: (why: string) => failures.push(why) }
    await pending.add({ ...prepared, rules: ['no data'] }, end)
    while (pending.isBusy) pending.proceed()
    assert.equal(failures.length, 1)
  })

  it('keep their filters, correlations and expressions', async () => {
    const text = `${rule('Named', 'CommandLine|re: [ab+c, "\\\\pL9"]')}title: Except
logsource: { product: linux, category: process_creation }
filter: { rules: any, s: { CommandLine|contains: ours }, condition: not s }
---
title: Other
name: other
logsource: { product: linux, category: process_creation }
detection: { s: { Image: /x }, condition: s }
---
title: Two
name: two
correlation: { type: event_count, rules: [other], group-by: [Image], timespan: 1m, condition: { gte: 2 } }
---
title: Both
correlation: { type: temporal, rules: [other, two], group-by: [Image], timespan: 1m }
`
    const prepared = await prepareRules({ texts: [{ path: 'a.yaml', text }] })
    assert.deepEqual(prepared.inForce.errors, [])
    const steps = await loadPrepared(prepared)
    let step = steps.next()
    while (!step.done) step = steps.next()
    assert.equal(step.value.inForce.rules.length, 4)
  })

  it('with errors are left out: an expression that would be too large, a recursive filter', async () => {
    const bomb = rule('Bomb', "CommandLine|re: '((a{1,1000}){1,1000}){1,1000}'")
    const recursive = `title: Recursive
logsource: { product: linux, category: process_creation }
filter: { rules: [Recursive], s: &s { x: *s }, condition: s }
`
    const { rules, inForce } = await prepareRules({
      texts: [{ path: 'a.yaml', text: bomb + recursive }],
    })
    assert.equal(rules.length, 0)
    assert.match(inForce.errors[0], /^rule left out: a\.yaml:3:\d+: .*repeats too much/)
    assert.equal(inForce.errors.length, 2)
  })

  it('are refused if they take too long', async () => {
    const text = rule('A', 'Image: /x')
    const reading = prepareRules({ texts: [{ path: 'a.yaml', text }] }, 1)
    await assert.rejects(reading, { code: 'AGENT_RULES', message: /more than 0\.001 seconds/ })
  })
})
