import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compiled, matchesOf, ruleText } from '../testing/rule-text.ts'

test('a rule on a command matches the start of a program', () => {
  const rules = compiled(
    ruleText(
      "selection:\n  Image|endswith: /curl\n  CommandLine|contains|all: ['http', ' -o ']\ncondition: selection",
    ),
  )
  const curl = { binary: '/usr/bin/Curl', arguments: 'HTTP://a -o b' }
  assert.deepEqual(matchesOf(rules, curl), ['a rule'])
  assert.deepEqual(matchesOf(rules, { ...curl, arguments: 'http://a' }), [])
})
