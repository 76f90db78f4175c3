import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readRules } from '../parse/read-rules.ts'
import { compiled, matchesOf, ruleText } from '../testing/rule-text.ts'
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

  it('must name rules that exist', () => {
    const { items } = readRules(`${rule}---\n${filter('[nothing]', '{Image: a}')}`, 'a.yaml')
    assert.deepEqual(
      linkRules(items).diagnostics.map(({ code }) => code),
      ['RULE_REFERENCE'],
    )
  })
})
