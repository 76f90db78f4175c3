import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRules } from '../parse/read-rules.ts'
import { fromLevel } from './from-level.ts'
import { linkRules } from './link-rules.ts'

const rule = (name: string, level: string): string => `
title: ${name}
name: ${name}
level: ${level}
logsource: { product: linux, category: process_creation }
detection: { s: { Image: /${name} }, condition: s }
---`

const correlation = (name: string, level: string, part: string): string => `
title: ${name}
name: ${name}
level: ${level}
correlation:
  type: event_count
  rules: [${part}]
  group-by: [User]
  timespan: 1m
  condition: { gte: 2 }
  generate: true
---`

test('rules below a level stay if a correlation of this level needs them', () => {
  const text =
    ['low', 'used', 'inner'].map((name) => rule(name, 'low')).join('') +
    rule('strong', 'high') +
    rule('unrated', 'low').replace('level: low', '') +
    correlation('few', 'low', 'low') +
    correlation('many', 'medium', 'used') +
    correlation('nested', 'low', 'inner') +
    correlation('outer', 'critical', 'nested')
  const linked = linkRules(readRules(text, 'library.yaml').items)
  const at = (least: 'medium' | 'high' | undefined) => {
    const { rules, correlations } = fromLevel(linked, () => least)
    return [
      rules.map(({ rule: { title }, alone }) => (alone ? title : `(${title})`)).join(),
      correlations.map((each) => each.correlation.title).join(),
    ]
  }
  assert.deepEqual(at('medium'), ['(used),(inner),strong', 'many,nested,outer'])
  assert.deepEqual(at('high'), ['(inner),strong', 'nested,outer'])
  assert.deepEqual(at(undefined), ['low,used,inner,strong,unrated', 'few,many,nested,outer'])
})
