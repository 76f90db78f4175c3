import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RuleSet } from '../engine/rule-set.ts'
import { linkRules } from '../link/link-rules.ts'
import { readRules } from '../parse/read-rules.ts'
import { compiled, ruleText } from '../testing/rule-text.ts'
import { boundedKey } from './bounded-key.ts'
import { Correlator } from './correlator.ts'

const rule = (name: string): string =>
  `name: ${name}\n${ruleText(`a: {Image: /bin/${name}}\ncondition: a`, name)}`

function correlation(type: string, rules: string, more: string): string {
  return `title: together\ncorrelation:\n  type: ${type}\n  rules: [${rules}]\n  timespan: 10s\n${more}`
}

/** A correlator and a way to feed it: `seconds program user argument`. */
class Trial {
  readonly correlator: Correlator
  readonly #set: RuleSet

  constructor(keptEvents: number | undefined, ...texts: readonly string[]) {
    this.#set = compiled(...texts)
    this.correlator = new Correlator(this.#set.linked.correlations, keptEvents)
  }

  /** @returns titles and groups of the findings of the last event */
  see(...lines: readonly string[]): string[] {
    let found: string[] = []
    for (const line of lines) {
      const [seconds, program, user, argument] = line.split(' ')
      const process = { binary: `/bin/${program}`, user: { name: user }, arguments: argument }
      const subject = { record: {}, process, parent: {}, ancestors: [] }
      const matches = this.#set.evaluate(
        'process_creation',
        { process: this.#set.facts(process) },
        {},
      )
      found = matches.flatMap(({ rule }) => {
        const match = { rule, subject, timeMs: Number(seconds) * 1000, id: line }
        return this.correlator.add(match).map(({ correlation, group, parts, uncertain }) => {
          const values = group.map(([name, value]) => `${name}=${value}`).join(' ')
          return `${correlation.title} ${values} ${parts.length}${uncertain ? ' uncertain' : ''}`
        })
      })
    }
    return found
  }
}

const byUser = '  group-by: [User]\n'
const twice = correlation('event_count', 'id', `${byUser}  condition: {gte: 2}\n`)

describe('correlations', () => {
  it('distinguish long values without keeping them', () => {
    const long = 'x'.repeat(100_000)
    const counted = '  condition: {gte: 3, field: CommandLine}\n'
    const trial = new Trial(undefined, rule('id'), correlation('value_count', 'id', counted))
    assert.deepEqual(trial.see(`0 id a ${long}a`, `1 id a ${long}b`, `2 id a ${long}a`), [])
    assert.deepEqual(trial.see(`3 id a ${long}c`), ['together  3'])
    assert.ok(boundedKey(`${long}a`).length <= 256)
  })

  it('event_count counts the matches of a group within the timespan', () => {
    const trial = new Trial(
      undefined,
      rule('id'),
      correlation('event_count', 'id', `${byUser}  condition: {gte: 3}\n`),
    )
    assert.deepEqual(trial.see('0 id a', '1 id b', '2 id a', '11 id a'), [])
    assert.deepEqual(trial.see('12 id a'), ['together User=a 3'])
    // The next one needs new events.
    assert.deepEqual(trial.see('12 id a', '12 id a'), [])
    assert.deepEqual(trial.see('13 id a'), ['together User=a 3'])
  })

  it('value_count counts different values', () => {
    const more = `${byUser}  condition: {field: CommandLine, gt: 1}\n`
    const trial = new Trial(undefined, rule('nc'), correlation('value_count', 'nc', more))
    assert.deepEqual(trial.see('0 nc a x', '1 nc a x', '2 nc a x'), [])
    assert.deepEqual(trial.see('11 nc a y'), ['together User=a 2'])
  })

  it('temporal needs all of its rules in any order', () => {
    const trial = new Trial(
      undefined,
      rule('id'),
      rule('nc'),
      correlation('temporal', 'id, nc', byUser),
    )
    assert.deepEqual(trial.see('0 nc a', '1 nc a', '2 id b'), [])
    assert.deepEqual(trial.see('3 id a'), ['together User=a 2'])
  })

  it('temporal_ordered needs them in order, also if late events arrive', () => {
    const trial = new Trial(
      undefined,
      rule('id'),
      rule('nc'),
      correlation('temporal_ordered', 'id, nc', byUser),
    )
    assert.deepEqual(trial.see('1 nc a', '2 id a'), [])
    assert.deepEqual(trial.see('13 nc a'), [])
    assert.deepEqual(trial.see('14 id a', '15 nc a'), ['together User=a 2'])
  })

  it('one match of a rule that is listed twice is one step', () => {
    const trial = new Trial(
      undefined,
      rule('id'),
      correlation('temporal_ordered', 'id, id', byUser),
    )
    assert.deepEqual(trial.see('1 id a'), [])
    assert.deepEqual(trial.see('2 id a'), ['together User=a 2'])
  })

  it('a correlation of correlations counts findings', () => {
    const inner = `name: burst\n${correlation('event_count', 'id', `${byUser}  condition: {gte: 2}\n`)}`
    const outer = correlation('temporal_ordered', 'burst, nc', byUser).replace('together', 'outer')
    const trial = new Trial(undefined, rule('id'), rule('nc'), inner, outer)
    assert.deepEqual(trial.see('1 id a', '2 id a'), ['together User=a 2'])
    assert.deepEqual(trial.see('3 nc a'), ['outer User=a 2'])
  })

  it('losses within the timespan make a finding uncertain', () => {
    const trial = new Trial(
      undefined,
      rule('id'),
      correlation('event_count', 'id', `${byUser}  condition: {gte: 2}\n`),
    )
    trial.see('100 id a')
    trial.correlator.noteLoss(101_000)
    assert.deepEqual(trial.see('102 id a'), ['together User=a 2 uncertain'])
    assert.deepEqual(trial.see('120 id a', '121 id a'), ['together User=a 2'])
  })

  it('memory is bounded, and what is dropped is counted', () => {
    const trial = new Trial(
      1000,
      rule('id'),
      correlation('event_count', 'id', `${byUser}  condition: {gte: 2}\n`),
    )
    for (let user = 0; user < 5000; user++) trial.see(`1 id ${user}`)
    assert.equal(trial.correlator.size, 1000)
    assert.equal(trial.correlator.counts.droppedGroups, 4000)
    assert.deepEqual(trial.see('2 id 4999'), ['together User=4999 2 uncertain'])
    trial.see('500 id x')
    assert.equal(trial.correlator.size, 1)
  })

  it('matches that are late or have no value are counted', () => {
    const more = '  group-by: [CurrentDirectory]\n  condition: {gte: 2}\n'
    const without = new Trial(undefined, rule('id'), correlation('event_count', 'id', more))
    without.see('1 id a')
    assert.equal(without.correlator.counts.withoutValue, 1)
    const trial = new Trial(undefined, rule('id'), twice)
    assert.deepEqual(trial.see('100 id a', '1 id a'), [])
    assert.equal(trial.correlator.counts.late, 1)
  })
})

describe('errors of correlations', () => {
  const codes = (...texts: string[]): string[] => {
    const { items, diagnostics } = readRules(texts.join('\n---\n'), 'a.yaml')
    return [...diagnostics, ...linkRules(items).diagnostics].map(({ code }) => code)
  }
  const count = (bounds: string): string =>
    correlation('event_count', 'id', `${byUser}  condition: {${bounds}}\n`)

  for (const [name, texts, expected] of [
    ['a rule that does not exist', [rule('nc'), count('gte: 2')], ['RULE_REFERENCE']],
    [
      'a circle',
      [
        `name: a\n${correlation('temporal', 'b', byUser)}`,
        `name: b\n${correlation('temporal', 'a', byUser)}`,
      ],
      ['RULE_REFERENCE'],
    ],
    [
      'a field that the rule lacks',
      [rule('id'), count('gte: 2').replace('User', 'Usr')],
      ['RULE_UNKNOWN_FIELD'],
    ],
    [
      'fewer events than a number',
      [rule('id'), count('lt: 2')],
      ['RULE_UNANSWERABLE', 'RULE_MISSING_FIELD'],
    ],
    [
      'more events than are kept',
      [rule('id'), count('gte: 100000')],
      ['RULE_VALUE', 'RULE_MISSING_FIELD'],
    ],
    ['another type', [rule('id'), correlation('value_sum', 'id', byUser)], ['RULE_UNANSWERABLE']],
    ['no timespan', [rule('id'), count('gte: 2').replace('10s', 'soon')], ['RULE_VALUE']],
  ] as const) {
    it(name, () => assert.deepEqual(codes(...texts).sort(), [...expected].sort()))
  }
})
