import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Process } from '@tetragon-ts/api'
import { decideImage, type ImageTest, imageProgram, type Logic } from '@tetragon-ts/policy'
import fc from 'fast-check'
import { linkRules } from '../link/link-rules.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Expression } from '../model/expression.ts'
import type { Rule } from '../model/rule.ts'
import { readRules } from '../parse/read-rules.ts'
import { naivelyMatches } from '../testing/naive-evaluator.ts'
import { ruleText } from '../testing/rule-text.ts'
import { readWildcards } from '../text/wildcard.ts'
import { enforceRules } from './enforce-rules.ts'
import { enforcementPolicies } from './enforcement-policies.ts'
import { killCondition } from './kill-condition.ts'

function field(of: FieldRef['of'], path: string): FieldRef {
  return { of, path, kind: 'text', written: path }
}

/** Few letters, so that random texts contain random values. */
const letters = fc.constantFrom(...'aAbB /"-\n\\')
const value = fc.string({ unit: letters, maxLength: 4 }).filter((text) => !text.includes('\\'))
const fields = fc.constantFrom(
  ...[field('process', 'binary'), field('process', 'command_line')],
  ...[field('parent', 'binary'), field('parent', 'command_line')],
)
const single = fc
  .tuple(fields, fc.constantFrom('', '*'), value, fc.constantFrom('', '*'))
  .map(([of, before, text, after]): Expression => {
    const test = { kind: 'text', text: readWildcards(before + text + after), cased: false } as const
    return { kind: 'test', field: of, test }
  })
const expressions = fc.letrec<{ whole: Expression }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    single,
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('whole'), { maxLength: 4 }),
      )
      .map(([kind, of]): Expression => ({ kind, of })),
    tie('whole').map((of): Expression => ({ kind: 'not', of })),
  ),
})).whole

interface Started {
  readonly path: string
  readonly args: readonly string[]
}

const started = fc.record({
  path: fc.string({ unit: letters, maxLength: 6 }).map((text) => `/${text}`),
  args: fc.array(fc.string({ unit: fc.oneof(letters, fc.constant('ß')), maxLength: 6 }), {
    maxLength: 4,
  }),
})

/** As the agent shows it. */
function processOf({ path, args }: Started): Process {
  let joined = ''
  for (const each of args) {
    if (each.includes(' ')) joined += ` "${each}"`
    else joined += joined === '' ? each : ` ${each}`
  }
  return { binary: path, arguments: joined }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function holds(
  condition: Logic<ImageTest>,
  process: Started,
  parent: Started | undefined,
): boolean {
  switch (condition.kind) {
    case 'image': {
      const of = condition.of === 'process' ? process : parent
      const program = imageProgram(condition.condition)
      assert.ok(!('tooLarge' in program))
      // A parent without a program is in no set.
      if (of === undefined) return false
      const args = bytes(of.args.map((each) => `${each}\0`).join(''))
      return decideImage(program, bytes(of.path), args) === true
    }
    case 'not':
      return !holds(condition.of, process, parent)
    case 'and':
      return condition.of.every((each) => holds(each, process, parent))
    case 'or':
      return condition.of.some((each) => holds(each, process, parent))
  }
}

function ruleOf(condition: Expression): Rule {
  return {
    ...{ kind: 'rule', title: 'r', tags: [], techniques: [], references: [], falsePositives: [] },
    ...{ file: 'f', line: 1, logSource: 'process_creation', written: {}, condition },
  }
}

describe('conditions of killing rules', () => {
  it('decide as a naive evaluator', () => {
    let matches = 0
    const property = fc.property(
      expressions,
      fc.array(fc.tuple(started, fc.option(started)), { minLength: 1, maxLength: 8 }),
      (condition, subjects) => {
        const found = killCondition({ rule: ruleOf(condition), filters: [], alone: true })
        assert.ok('condition' in found)
        for (const [process, parent] of subjects) {
          const subject = {
            ...{ record: {}, process: processOf(process), ancestors: [] },
            parent: parent === null ? {} : processOf(parent),
          }
          const expected = naivelyMatches(condition, subject)
          assert.equal(holds(found.condition, process, parent ?? undefined), expected)
          if (expected) matches++
        }
      },
    )
    fc.assert(property, { numRuns: 500 })
    assert.ok(matches > 0)
  })
})

const id = '11111111-1111-4111-8111-111111111111'

/** Diagnostics of actions, as `code line:column message`. */
function refusals(...texts: readonly string[]): string[] {
  const read = readRules(texts.join('\n---\n'), 'f.yaml')
  assert.deepEqual(read.diagnostics, [])
  return enforceRules(linkRules(read.items)).diagnostics.map(({ code, line, column, message }) => {
    return `${code} ${line}:${column} ${message}`
  })
}

const killing = (detection: string): string => `${ruleText(detection)}action: kill\n`

describe('actions of rules', () => {
  it('are refused with each condition that the kernel cannot decide', () => {
    const only = '"a rule" only detects, kill is refused: '
    const cases: readonly (readonly [item: string, reason: string])[] = [
      ['Image|re: a', 'Image: regular expressions are not evaluated in the kernel'],
      [
        'CommandLine|contains: a*b',
        'CommandLine: wildcards inside of a value are not evaluated in the kernel',
      ],
      [
        'CommandLine: a?',
        'CommandLine: wildcards inside of a value are not evaluated in the kernel',
      ],
      ['Image|cased: a', 'Image: the kernel compares without regard to case only'],
      ['Image: é', 'Image: the kernel compares ASCII only'],
      ['User: root', 'User: the kernel decides on the path and the command line only'],
      ['ancestors.binary: /a', 'ancestors.binary: ancestors are known outside of the kernel only'],
      [
        'CurrentDirectory: null',
        'CurrentDirectory: the kernel decides on the path and the command line only',
      ],
    ]
    for (const [item, reason] of cases) {
      const text = killing(`a:\n  Image|endswith: /x\n  ${item}\ncondition: a`)
      assert.deepEqual(refusals(text), [`RULE_ENFORCEMENT 6:5 ${only}${reason}`], item)
    }
  })

  it('are refused for events that come later, correlations and exceptions of other kinds', () => {
    const file = ruleText('a: {TargetFilename: /a}\ncondition: a', 'r', 'file_event')
    assert.match(
      refusals(`${file}action: kill`)[0],
      /^RULE_ENFORCEMENT 6:1 .*file_event comes later/,
    )
    const block = `${ruleText('a: {Image: /a}\ncondition: a')}action: block`
    assert.match(refusals(block)[0], /write kill$/)
    const incoming = ruleText('a: {Initiated: "false"}\ncondition: a', 'r', 'network_connection')
    assert.match(refusals(`${incoming}action: block`)[0], /refuses nothing that the rule matches/)
    const uncased = ruleText('a: {TargetFilename: /a}\ncondition: a', 'r', 'file_access')
    const [hint] = refusals(`${uncased}action: block`)
    assert.match(hint, /^RULE_ENFORCEMENT 4:7 .*TargetFilename: paths differ in case.*cased$/)
    const filter =
      'title: f\nlogsource: {product: linux, category: process_creation}\n' +
      "filter:\n  rules: any\n  own:\n    Image|re: '^/a'\n  condition: not own\n"
    const [excepted] = refusals(killing('a: {Image: /a}\ncondition: a'), filter)
    assert.match(excepted, /^RULE_ENFORCEMENT 14:5 .*Image: regular expressions/)
    const correlation =
      `title: c\ncorrelation: {type: event_count, rules: [${id}], timespan: 1m, ` +
      'group-by: [User], condition: {gte: 2}}'
    const [counted] = refusals(`id: ${id}\n${killing('a: {Image: /a}\ncondition: a')}`, correlation)
    assert.match(counted, /only correlations use the rule/)
  })

  it('may be given to rules of other files', () => {
    const rule = `id: ${id}\n${ruleText('a: {Image: /a}\ncondition: a')}`
    const text = (rules: string, action = 'kill'): string =>
      `title: Kill\nenforcement: { rules: [${rules}], action: ${action} }`
    const linked = linkRules(readRules(`${rule}---\n${text(id)}`, 'f.yaml').items)
    assert.deepEqual(linked.diagnostics, [])
    assert.deepEqual(
      enforcementPolicies(linked).map(({ name }) => name),
      [`detection-rules-kill-${id}`],
    )
    const errors = (other: string): string[] => {
      const { items, diagnostics } = readRules(`${rule}---\n${other}`, 'f.yaml')
      return [...diagnostics, ...linkRules(items).diagnostics].map(({ message }) => message)
    }
    assert.match(errors(text('nothing'))[0], /no rule has the id or name "nothing"/)
    assert.match(errors(text(id, 'kil'))[0], /"kil" is not an action of rules/)
    assert.match(errors(`title: Kill\nenforcement: { rules: [${id}] }`)[0], /action is missing/)
    const both = `${text(id)}\n---\n${text(id, 'block')}`
    assert.match(errors(both)[0], /"a rule" has the action kill elsewhere/)
  })

  it('have no other values, and not those of Sigma 1', () => {
    const errors = (text: string) =>
      readRules(text, 'f.yaml').diagnostics.map((each) => each.message)
    const rule = ruleText('a: {Image: /a}\ncondition: a')
    assert.deepEqual(errors(`${rule}action: kill`), [])
    assert.match(errors(`${rule}action: global`)[0], /action is of Sigma 1/)
    assert.match(errors(`${rule}action: stop`)[0], /"stop" is not an action of rules/)
    assert.match(errors(`${rule}action:`)[0], /action is empty/)
  })

  it('warn about rules that kill what a host needs', () => {
    const [warning] = refusals(killing('a: {Image|contains: bin/}\ncondition: a'))
    assert.match(
      warning,
      /^RULE_REACH 6:1 "a rule" kills what a host needs, such as \/usr\/sbin\/sshd, /,
    )
    assert.equal(refusals(killing('a: {Image: /a}\ncondition: not a')).length, 1)
    assert.deepEqual(refusals(killing('a: {Image|endswith: /nc}\ncondition: a')), [])
  })

  it('refuse conditions that are too large for the kernel', () => {
    const many = Array.from({ length: 65 }, (_, i) => `w${i}`).join(', ')
    const all = killing(`a: {CommandLine|contains|all: [${many}]}\ncondition: a`)
    assert.match(refusals(all)[0], /too large for the kernel: it has more than 64 different tests/)
    const values = Array.from({ length: 10_000 }, (_, i) => `word-${i}-of-many`)
    const any = killing(`a: {CommandLine|contains: [${values.join(', ')}]}\ncondition: a`)
    const [refused] = refusals(any)
    assert.match(refused, /too large for the kernel: its values need a table of \d+ MiB/)
  })
})

describe('policies of killing rules', () => {
  const policyOf = (text: string) => enforcementPolicies(linkRules(readRules(text, 'f.yaml').items))

  it('match no process without the condition, and have names of their own', () => {
    const rule = killing('a: {CommandLine|contains: "x\\ny"}\ncondition: a')
    const [first, second] = policyOf(`${rule}---\n${rule}`)
    assert.equal(first.name, 'detection-rules-kill-a-rule')
    assert.equal(second.name, 'detection-rules-kill-a-rule-2')
    assert.match(first.text, /matchPIDs:\s+- operator: In\s+values:\s+- 0\n/)
    assert.match(first.text, /^# {3}CommandLine is "\*x\\ny\*"$/m)
  })
})
