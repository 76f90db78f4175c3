import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compiled, errorsOf, matchesOf, ruleText } from '../testing/rule-text.ts'
import { readRules } from './read-rules.ts'

const bash = { binary: '/bin/bash', arguments: '-c id', cwd: '/root' }

/** Titles of the rules with a detection that match bash. */
function isHit(detection: string): boolean {
  return matchesOf(compiled(ruleText(detection)), bash).length > 0
}

describe('detections', () => {
  for (const [name, detection, expected] of [
    ['a map is an AND', 'a:\n  Image: /bin/bash\n  CurrentDirectory: /\ncondition: a', false],
    [
      'a list of maps is an OR',
      'a:\n  - Image: /bin/sh\n  - CurrentDirectory: /root\ncondition: a',
      true,
    ],
    ['keywords are found anywhere', "a: [nothing, '-c id']\ncondition: a", true],
    ['keywords of any field', "a:\n  '|all': ['bin/ba', root]\ncondition: a", true],
    ['all keywords', "a:\n  '|all': ['bin/ba', nothing]\ncondition: a", false],
    ['maps and keywords in a list', 'a:\n  - Image: /bin/sh\n  - bin/bash\ncondition: a', true],
    ['not', 'a: {Image: /bin/sh}\ncondition: not a', true],
    ['and binds before or', 'a: {Image: /bin/bash}\nb: {Image: x}\ncondition: a or b and b', true],
    ['not binds first', 'a: {Image: /bin/bash}\nb: {Image: x}\ncondition: not b and a', true],
    ['parentheses', 'a: {Image: /bin/bash}\nb: {Image: x}\ncondition: (a or b) and b', false],
    ['1 of', 'a1: {Image: /bin/bash}\na2: {Image: x}\ncondition: 1 of a*', true],
    ['all of', 'a1: {Image: /bin/bash}\na2: {Image: x}\ncondition: all of a*', false],
    [
      'all of them, without _',
      'a: {Image: /bin/bash}\n_b: {Image: x}\ncondition: all of them',
      true,
    ],
    [
      'a pattern in the middle',
      'a1x: {Image: /bin/bash}\nbx: {Image: x}\ncondition: any of a*x',
      true,
    ],
    ['a list of conditions', 'a: {Image: /bin/bash}\nb: {Image: x}\ncondition: [b, a]', true],
    ['a path of an event', 'a: {process.arguments|contains: id}\ncondition: a', true],
  ] as const) {
    it(name, () => assert.equal(isHit(detection), expected))
  }

  it('fields of ancestors match if one of them does', () => {
    const rules = compiled(ruleText("a: {'ancestors.binary|endswith': /sshd}\ncondition: a"))
    assert.deepEqual(matchesOf(rules, bash, { binary: '/usr/sbin/sshd' }), ['a rule'])
    assert.deepEqual(matchesOf(rules, bash, {}, [{}, { binary: '/usr/sbin/sshd' }]), ['a rule'])
    assert.deepEqual(matchesOf(rules, { binary: '/usr/sbin/sshd' }, bash), [])
  })
})

describe('names of required fields', () => {
  const rule = ruleText('a: {Image: x}\ncondition: a')
  for (const [written, meant, message, position] of [
    ['titel', 'title', 'title is missing, did you mean title by "titel"?', '1:1'],
    [
      'detections',
      'detection',
      'detection is missing, did you mean detection by "detections"?',
      '3:1',
    ],
    [
      'log_source',
      'logsource',
      'logsource is missing, did you mean logsource by "log_source"?',
      '2:1',
    ],
    [
      'correlations',
      'detection',
      'detection is missing, did you mean correlation by "correlations"?',
      '3:1',
    ],
    ['conditon', 'condition', 'condition is missing, did you mean condition by "conditon"?', '5:3'],
    ['severity', 'title', 'title is missing', '1:1'],
  ] as const) {
    it(`${written} instead of ${meant}`, () => {
      const [first] = readRules(rule.replace(meant, written), 'rules.yaml').diagnostics
      assert.equal(first.message, message)
      assert.equal(`${first.line}:${first.column}`, position)
    })
  }
})

describe('errors of rules', () => {
  const selection = 'a: {Image: x}'
  for (const [name, text, errors] of [
    ['not YAML', 'title: [', ['RULE_YAML 1:9']],
    ['empty', '# nothing\n', ['RULE_EMPTY 1:1']],
    ['a list', '- a', ['RULE_TYPE 1:1']],
    [
      'no title',
      ruleText(`${selection}\ncondition: a`).replace('title', 'titel'),
      ['RULE_MISSING_FIELD 1:1'],
    ],
    [
      'no title, and a wrong level',
      `level: hihg\n${ruleText(`${selection}\ncondition: a`).replace('title', 'titel')}`,
      ['RULE_VALUE 1:8', 'RULE_MISSING_FIELD 2:1'],
    ],
    ['no condition', ruleText(selection), ['RULE_MISSING_FIELD 1:1']],
    ['an unknown identifier', ruleText(`${selection}\ncondition: b`), ['RULE_CONDITION 5:14']],
    ['a pattern of nothing', ruleText(`${selection}\ncondition: 1 of b*`), ['RULE_CONDITION 5:14']],
    [
      'an aggregation',
      ruleText(`${selection}\ncondition: a | count() > 5`),
      ['RULE_CONDITION 5:14'],
    ],
    ['an open parenthesis', ruleText(`${selection}\ncondition: (a`), ['RULE_CONDITION 5:14']],
    ['two identifiers', ruleText(`${selection}\ncondition: a a`), ['RULE_CONDITION 5:14']],
    ['an empty identifier', ruleText('a: {}\ncondition: a'), ['RULE_VALUE 4:6']],
    [
      'a field twice',
      ruleText('a: {Image: x, Image: y}\ncondition: a'),
      ['RULE_DUPLICATE_KEY 4:17'],
    ],
    ['an unknown category', ruleText(selection, 't', 'process_creatoin'), ['RULE_LOG_SOURCE 2:39']],
    [
      'logs of services',
      ruleText(selection).replace('category: process_creation', 'service: sshd'),
      ['RULE_UNANSWERABLE 2:38'],
    ],
    [
      'another product',
      ruleText(selection).replace('linux', 'windows'),
      ['RULE_UNANSWERABLE 2:22'],
    ],
    [
      'any log',
      ruleText(selection).replace(', category: process_creation', ''),
      ['RULE_UNANSWERABLE 2:22'],
    ],
    ['Sigma 1', 'action: global\ntitle: a', ['RULE_VALUE 1:1']],
    [
      'records of auditd itself',
      ruleText('a: {type: USER_TTY}\ncondition: a').replace(
        'category: process_creation',
        'service: auditd',
      ),
      ['RULE_UNANSWERABLE 4:13', 'RULE_UNANSWERABLE 5:14'],
    ],
  ] as const) {
    it(name, () => assert.deepEqual(errorsOf(text), errors))
  }

  it('an unknown field names the fields that exist', () => {
    const text = ruleText('a: {Imge: x}\ncondition: a')
    const [{ message }] = readRules(text, 'a.yaml').diagnostics
    assert.match(
      message,
      /^process_creation has no field "Imge", did you mean "Image"\?; it has Image, /,
    )
  })

  it('a part that never occurs is a warning if another one can match', () => {
    const text = ruleText('a: {type: [TTY, PATH], name: /etc/passwd}\ncondition: a')
    const rule = text.replace('category: process_creation', 'service: auditd')
    const { items, diagnostics } = readRules(rule, 'a.yaml')
    assert.equal(items.length, 1)
    assert.deepEqual(
      diagnostics.map(({ severity, code }) => `${severity} ${code}`),
      ['warning RULE_UNANSWERABLE'],
    )
  })

  it('other documents of the file are read', () => {
    const good = ruleText(`${selection}\ncondition: a`)
    const { items, diagnostics } = readRules(`${good}---\ntitle: x\n---\n${good}`, 'a.yaml')
    assert.equal(items.length, 2)
    assert.ok(diagnostics.length > 0)
  })
})

describe('hostile files', () => {
  it('a file of 50 MB is refused', () => {
    const [{ code, message }] = readRules('#'.repeat(50e6), 'a.yaml').diagnostics
    assert.equal(code, 'RULE_YAML')
    assert.match(message, /larger than 8 MiB/)
  })

  it('a rule with 10,000 values works', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `value-${i}-`).join(', ')
    const rules = compiled(ruleText(`a: {CommandLine|contains: [${values}]}\ncondition: a`))
    assert.deepEqual(matchesOf(rules, { ...bash, arguments: 'value-9999-' }), ['a rule'])
    assert.deepEqual(matchesOf(rules, bash), [])
  })

  it('aliases, depth, long values and conditions are bounded', () => {
    const big = Array.from({ length: 3000 }, (_, i) => `v${i}`).join(', ')
    const parts = Array.from({ length: 90 }, () => 'a').join(' or ')
    for (const [text, code] of [
      [ruleText(`a: {Image: [${big}]}\ncondition: ${parts}`), 'RULE_CONDITION'],
      [
        ruleText(`a: {Image: x}\ncondition: ${'('.repeat(200)}a${')'.repeat(200)}`),
        'RULE_CONDITION',
      ],
      [ruleText(`a: {Image: ${'x'.repeat(20_000)}}\ncondition: a`), 'RULE_LIMIT'],
      [ruleText(`a: {Image: ${'['.repeat(20_000)}}\ncondition: a`), 'RULE_YAML'],
    ] as const) {
      assert.deepEqual(
        readRules(text, 'a.yaml').diagnostics.map((each) => each.code),
        [code],
      )
    }
  })
})
