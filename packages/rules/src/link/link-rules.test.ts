import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readRules } from '../parse/read-rules.ts'
import { compiled, matchesOf, ruleText } from '../testing/rule-text.ts'
import { withoutExpired } from './expired-filters.ts'
import { linkRules } from './link-rules.ts'

const bash = { binary: '/bin/bash', arguments: '-c id', cwd: '/root' }

describe('filters', () => {
  const rule = `id: 11111111-1111-4111-8111-111111111111\n${ruleText('a: {Image|endswith: sh}\ncondition: a')}`
  const filter = (rules: string, detection: string): string =>
    `title: f\nlogsource: {product: linux, category: process_creation}\nfilter:\n  rules: ${rules}\n  own: ${detection}\n  condition: not own\n`

  it('except matches of the rules that they list', () => {
    for (const rules of ['[11111111-1111-4111-8111-111111111111]', 'any']) {
      const set = compiled(rule, filter(rules, '{CurrentDirectory: /root}'))
      assert.deepEqual(matchesOf(set, bash), [])
      assert.deepEqual(matchesOf(set, { ...bash, cwd: '/' }), ['a rule'])
    }
  })

  it('that have expired except no events of a later time, and are not decided in the kernel', () => {
    const expiring = `expires: 2100-01-31\n${filter('any', '{CurrentDirectory: /root}')}`
    const set = compiled(rule, expiring)
    const process = set.facts(bash)
    const titles = (time: string) => {
      const matches = set.evaluate('process_creation', { process }, {}, () => Date.parse(time))
      return matches.map(({ suppressedBy }) => suppressedBy?.title)
    }
    assert.deepEqual(titles('2100-01-31T23:59:59.999Z'), ['f'])
    assert.deepEqual(titles('2100-02-01T00:00:00Z'), [undefined])
    assert.deepEqual(
      set.evaluations().map(([{ title }, count]) => [title, count]),
      [['a rule', 2]],
    )
    const left = (time: string) => withoutExpired(set.linked, Date.parse(time)).rules[0].filters
    assert.equal(left('2100-01-31').length, 1)
    assert.equal(left('2100-02-01').length, 0)
  })

  it('must name rules that exist', () => {
    const { items } = readRules(`${rule}---\n${filter('[nothing]', '{Image: a}')}`, 'a.yaml')
    assert.deepEqual(
      linkRules(items).diagnostics.map(({ code }) => code),
      ['RULE_REFERENCE'],
    )
  })
})
