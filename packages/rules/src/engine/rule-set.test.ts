import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testsOf } from '../model/expression.ts'
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

test('an expression is evaluated if a rule needs it, and once for each process', (context) => {
  const detection = `selection:
  Image|endswith: /curl
  CommandLine|re: http.*evil
exception:
  CommandLine|re: http.*good
condition: selection and not exception`
  const rules = compiled(ruleText(detection), ruleText(detection, 'the same rule'))
  const [selection, exception] = [...testsOf(rules.linked.rules[0].rule.condition)].flatMap(
    ({ test }) => (test.kind === 'regexp' ? context.mock.method(test.pattern, 'test') : []),
  )
  const counts = () => [selection.mock.callCount(), exception.mock.callCount()]
  const start = (binary: string, text: string) => {
    const process = rules.facts({ binary, arguments: text })
    const both = { process, parent: rules.facts({}) }
    rules.evaluate('process_creation', both, {})
    return rules.evaluate('process_creation', both, {}).length
  }
  assert.equal(start('/bin/wget', 'http evil good'), 0)
  assert.deepEqual(counts(), [0, 0])
  assert.equal(start('/bin/curl', 'http bad good'), 0)
  assert.deepEqual(counts(), [1, 0])
  assert.equal(start('/bin/curl', 'http evil good'), 0)
  assert.equal(start('/bin/curl', 'http evil'), 2)
  assert.deepEqual(counts(), [3, 2])
})

test('an expression that a rule has twice is decided once', () => {
  const rules = compiled(
    ruleText('selection:\n  CommandLine|re: [ab+cd, ab+cd]\ncondition: selection'),
  )
  assert.deepEqual(matchesOf(rules, { binary: '/bin/x', arguments: 'cd' }), [])
  assert.deepEqual(matchesOf(rules, { binary: '/bin/x', arguments: 'abbcd' }), ['a rule'])
})

test('a decision about a parent holds for it as an ancestor, too', () => {
  const rules = compiled(
    ruleText(`selection:
  ParentImage|re: /we.*r$
  ancestors.binary|re: /we.*r$
condition: selection`),
  )
  const server = { binary: '/web/server' }
  assert.deepEqual(matchesOf(rules, {}, server), ['a rule'])
  assert.deepEqual(matchesOf(rules, {}, { binary: '/web/client' }, [server]), [])
})

test('a rule can match an event if the fields that are known do not exclude it', () => {
  const conditions = {
    'h: { Hook: [sys_a, sys_b*] }': ['sys_a', 'sys_bc'],
    'h: { Hook: sys_a, Policy: other }': [],
    'h: { Hook: sys_a, Image: /x }': ['sys_a'],
    'h: { Policy: p, args.0: x }': ['sys_a', 'sys_bc', 'sys_c'],
    'h: [{ Hook: sys_a }, { Image: /x }]': ['sys_a', 'sys_bc', 'sys_c'],
  }
  for (const [selection, expected] of Object.entries(conditions)) {
    const rules = compiled(ruleText(`${selection}\ncondition: h`, 'a rule', 'tetragon_hook'))
    const found = ['sys_a', 'sys_bc', 'sys_c'].filter((Hook) => {
      return rules.canMatch('tetragon_hook', { Hook, Policy: 'p' })
    })
    assert.deepEqual(found, expected, selection)
  }
  const negation = ruleText('h: { Hook: sys_a }\ncondition: not h', 'a rule', 'tetragon_hook')
  assert.equal(compiled(negation).canMatch('tetragon_hook', { Hook: 'sys_a' }), false)
  assert.equal(compiled(negation).canMatch('file_access', {}), false)
})
