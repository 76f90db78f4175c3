import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compiled, errorsOf, matchesOf, ruleText } from '../testing/rule-text.ts'

/** Whether an item matches a command line. */
function matches(item: string, text: string | undefined): boolean {
  const rules = compiled(ruleText(`selection:\n  ${item}\ncondition: selection`))
  return matchesOf(rules, text === undefined ? {} : { cwd: text }).length > 0
}

const cases: readonly (readonly [
  item: string,
  hits: string | undefined,
  misses: string | undefined,
])[] = [
  ['CurrentDirectory: /Tmp', '/tMP', '/tmp/'],
  ["CurrentDirectory: '*b?d*'", 'abcd', 'abd'],
  ['CurrentDirectory: "a?c"', 'a😀c', 'ac'],
  ["CurrentDirectory: 'a\\*c'", 'a*c', 'abc'],
  ["CurrentDirectory: 'a\\\\*'", 'a\\xyz', 'axyz'],
  ["CurrentDirectory: 'a\\\\\\*'", 'a\\*', 'a\\x'],
  ["CurrentDirectory: 'a\\b'", 'a\\b', 'ab'],
  ['CurrentDirectory: 5', '5', '05'],
  ['CurrentDirectory: [a, b]', 'b', 'c'],
  ["CurrentDirectory: ''", '', undefined],
  ['CurrentDirectory: null', undefined, ''],
  ['CurrentDirectory|contains: "x y"', '-x yz', 'xy'],
  ['CurrentDirectory|contains: "a*c"', '-abbc-', '-ca-'],
  ["CurrentDirectory|contains: ''", '', undefined],
  ['CurrentDirectory|startswith: /a', '/ab', 'x/a'],
  ['CurrentDirectory|endswith: /a', 'b/a', '/ab'],
  ['CurrentDirectory|contains|all: [a, b]', 'ba', 'aa'],
  ['CurrentDirectory|cased: Ab', 'Ab', 'ab'],
  ['CurrentDirectory|contains|cased: Ab', 'xAb', 'xab'],
  ['CurrentDirectory|exists: true', '', undefined],
  ['CurrentDirectory|exists: false', undefined, ''],
  ['CurrentDirectory|neq: [a, b]', 'c', 'b'],
  ['CurrentDirectory|contains|all|neq: [a, b]', 'a', 'ab'],
  ["CurrentDirectory|re: 'a{3}[0-9]+b'", 'xaaa12bx', 'aaab'],
  ["CurrentDirectory|re: 'abc'", 'abc', 'ABC'],
  ["CurrentDirectory|re|i: 'abc'", 'ABC', 'abd'],
  ["CurrentDirectory|re|m: '^abc$'", 'x\nabc\ny', 'xabc'],
  ["CurrentDirectory|re|s: 'a.c'", 'a\nc', 'ac'],
  ["CurrentDirectory|re: 'a\\\\*'", 'a\\', 'b'],
  ['CurrentDirectory|base64|contains: foobar', '-Zm9vYmFy-', '-zm9vymfy-'],
  ['CurrentDirectory|base64offset|contains: foobar', 'Zvb2Jhc', 'zvb2jhc'],
  ['CurrentDirectory|base64offset|contains: foobar', 'mb29iYX', 'Zm9vYmF'],
  ['CurrentDirectory|wide|base64|contains: ab', 'YQBiAA==', 'YWI='],
  ['CurrentDirectory|utf16be|base64|contains: ab', 'AGEAYg==', 'YQBiAA=='],
  ['CurrentDirectory|utf16|base64|contains: ab', '//5hAGIA', 'YQBiAA=='],
  ['CurrentDirectory|windash|contains: " -x"', 'a –x', 'a x'],
  ['CurrentDirectory|cidr: 10.0.0.0/8', '10.1.2.3', '11.0.0.1'],
  ['CurrentDirectory|cidr: fd00::/8', 'fd12::1', '10.0.0.1'],
  ['CurrentDirectory|lt: 5', '4.5', '5'],
  ['CurrentDirectory|gte: 5', '5', 'x'],
  ['CurrentDirectory|hour: 23', '2026-01-01T23:10:00Z', '2026-01-01T22:10:00Z'],
  ['CurrentDirectory|week: 53', '2021-01-01T00:00:00Z', '2021-01-04T00:00:00Z'],
  ['CurrentDirectory|minute|gt: 30', '2026-01-01T23:31:00Z', '2026-01-01T23:30:00Z'],
]

describe('values and modifiers', () => {
  for (const [item, hits, misses] of cases) {
    it(item, () => {
      assert.equal(matches(item, hits), true)
      assert.equal(matches(item, misses), false)
    })
  }

  it('fieldref compares two fields, of different processes too', () => {
    const rules = compiled(
      ruleText('selection:\n  ParentImage|fieldref: Image\ncondition: selection', 'same'),
      ruleText(
        'selection:\n  CommandLine|fieldref|endswith: CurrentDirectory\ncondition: selection',
        'in',
      ),
    )
    const bash = { binary: '/bin/bash', arguments: 'cd /tmp', cwd: '/tmp' }
    assert.deepEqual(matchesOf(rules, bash, { binary: '/bin/BASH' }).sort(), ['in', 'same'])
    assert.deepEqual(matchesOf(rules, { ...bash, cwd: '/' }, {}), [])
  })
})

const wrong: readonly (readonly [item: string, code: string])[] = [
  ['CurrentDirectory|contain: a', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|all: a', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|contains|re: a', 'RULE_MODIFIER 5:5'],
  ["CurrentDirectory|re: '(?=a)b'", 'RULE_REGEXP 5:26'],
  ["CurrentDirectory|re: '(a)\\1'", 'RULE_REGEXP 5:26'],
  ["CurrentDirectory|re: '((a{1,100}){1,100}){1,100}'", 'RULE_REGEXP 5:26'],
  ['CurrentDirectory|base64: "a*"', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|cidr: 10.0.0.1', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|lt: many', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|contains: null', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|exists: maybe', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory|expand: "%unknown%"', 'RULE_MODIFIER 5:5'],
  ['CurrentDirectory: [a, null]', 'RULE_TYPE 5:27'],
  ['CurrentDirectory: []', 'RULE_VALUE 5:5'],
  ['CurrentDirectory: {a: b}', 'RULE_TYPE 5:23'],
  ['CurrentDirectroy: a', 'RULE_UNKNOWN_FIELD 5:5'],
  ['Hashes|contains: a', 'RULE_UNANSWERABLE 5:5'],
  ['ancestors.binary: null', 'RULE_VALUE 5:23'],
]

describe('wrong items', () => {
  for (const [item, error] of wrong) {
    it(item, () => {
      const text = ruleText(`selection:\n  ${item}\ncondition: selection`)
      assert.deepEqual(errorsOf(text), [error])
    })
  }
})
