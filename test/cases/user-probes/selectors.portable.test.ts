import assert from 'node:assert/strict'
import { copyFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ProbedRun, uprobes } from './probed-run.ts'

/** Operators on numbers, with the arguments that match among 3, 5, 8 and -7. */
const numbers: readonly (readonly [operator: string, values: string, matching: string[]])[] = [
  ['Equal', '"3", "-7"', ['3', '-7']],
  ['NotEqual', '"3", "-7"', ['5', '8']],
  ['GT', '"4"', ['5', '8']],
  ['LT', '"4"', ['3', '-7']],
  ['GreaterThan', '"-8"', ['3', '5', '8', '-7']],
  ['InRange', '"5:9"', ['5', '8']],
  ['NotInRange', '"5:9"', ['3', '-7']],
  ['Mask', '"8"', ['8', '-7']],
  ['InMap', '"5:6", "3"', ['3', '5']],
  ['NotInMap', '"5:6", "3"', ['8', '-7']],
]

/** Operators on texts, with those that match. */
const texts = ['/etc/passwd', '/etc/shadow', 'Etc', 'x'.repeat(300)]
const [passwd, shadow, etc, long] = texts
const ofTexts: readonly (readonly [operator: string, values: string, matching: string[]])[] = [
  ['Equal', `"/etc/passwd", "${long}"`, [passwd, long]],
  ['NotEqual', '"/etc/passwd"', [shadow, etc, long]],
  ['Prefix', '"/etc/", "E"', [passwd, shadow, etc]],
  ['NotPrefix', '"/etc/", "E"', [long]],
  ['Postfix', '"wd", "xx"', [passwd, long]],
  ['NotPostfix', '"wd", "xx"', [shadow, etc]],
  ['SubString', '"tc"', [passwd, shadow, etc]],
  ['SubStringIgnCase', '"eTC"', [passwd, shadow, etc]],
]

describe('selectors of uprobes', () => {
  let probed: ProbedRun
  before(async () => {
    probed = await ProbedRun.start('probed')
  })
  after(() => probed?.stop())

  const hookOf = (symbol: string, type: string, selectors: string, more = '') => `
path: ${probed.program}
symbols: [${symbol}]
args: [{index: 0, type: ${type}}]
${more}
selectors:
- ${selectors.trim().replaceAll('\n', '\n  ')}`
  const calls = (command: string, values: readonly string[], more: readonly string[] = []) =>
    values.flatMap((value, i) => [...(i === 0 ? [] : ['--']), command, value, ...more])
  const all = calls('numbers', ['3', '5', '8', '-7'], ['0', '0'])

  /** First arguments of the events of the numbers under a selector. */
  async function passing(selector: string, more = '', words: readonly string[] = all) {
    const { events } = await probed.under([hookOf('takes_numbers', 'int', selector, more)], words)
    return events.map(({ args: [{ int_arg }] }) => String(int_arg))
  }

  it('compare numbers', async () => {
    for (const [operator, values, matching] of numbers) {
      const match = `matchArgs: [{index: 0, operator: ${operator}, values: [${values}]}]`
      assert.deepEqual(await passing(match), matching, match)
    }
  })

  it('compare texts', async () => {
    for (const [operator, values, matching] of ofTexts) {
      const match = `matchArgs: [{index: 0, operator: ${operator}, values: [${values}]}]`
      const hook = hookOf('takes_text', 'string', match)
      const { events } = await probed.under([hook], calls('text', texts))
      assert.deepEqual(
        events.map(({ args: [{ string_arg }] }) => string_arg),
        matching,
        match,
      )
    }
  })

  it('choose processes', async () => {
    const { program } = probed
    const everything = ['3', '5', '8', '-7']
    const namespace = readlinkSync('/proc/self/ns/uts').replace(/\D+/g, '')
    for (const [selector, expected] of [
      [`matchBinaries: [{operator: In, values: ["${program}"]}]`, everything],
      [`matchBinaries: [{operator: NotIn, values: ["${program}"]}]`, []],
      ['matchPIDs: [{operator: NotIn, values: [1]}]', everything],
      ['matchPIDs: [{operator: In, values: [1]}]', []],
      [`matchNamespaces: [{namespace: Uts, operator: In, values: ["${namespace}"]}]`, everything],
      [`matchNamespaces: [{namespace: Uts, operator: NotIn, values: ["${namespace}"]}]`, []],
      ['matchCapabilities: [{type: Effective, operator: In, values: [CAP_CHOWN]}]', everything],
      ['matchCapabilities: [{type: Effective, operator: NotIn, values: [CAP_CHOWN]}]', []],
    ] as const) {
      assert.deepEqual(await passing(selector), expected, selector)
    }
  })

  it('follow children', async () => {
    const shell = join(probed.run.folder, 'shell')
    copyFileSync('/bin/sh', shell)
    for (const [follow, expected] of [
      [true, ['3']],
      [false, []],
    ] as const) {
      const selector = `matchBinaries: [{operator: In, values: ["${shell}"], followChildren: ${follow}}]`
      const { events } = await probed.under(
        [hookOf('takes_numbers', 'int', selector)],
        ['-c', `/bin/sh -c "${probed.program} numbers 3 0 0; :"; :`],
        { program: shell },
      )
      const found = events.map(({ args: [{ int_arg }] }) => String(int_arg))
      assert.deepEqual(found, expected)
    }
  })

  it('limit the rate, and suppress events', async () => {
    const words = calls('numbers', ['3', '3', '5', '3'], ['0', '0'])
    const limited = 'matchActions: [{action: Post, rateLimit: 5m}]'
    assert.deepEqual(await passing(limited, '', words), ['3', '5'])
    const none = hookOf('takes_numbers', 'int', 'matchActions: [{action: NoPost}]')
    const { events, counts } = await probed.under([none], words)
    assert.deepEqual(events, [])
    assert.equal(counts.nopost, 4)
  })

  it('are tried in order, and have message and tags', async () => {
    const hook = `
path: ${probed.program}
symbols: [takes_numbers, takes_six]
message: a call
tags: [observability.process]
args: [{index: 0, type: int}]
selectors:
- matchArgs: [{index: 0, operator: Equal, values: ["3"]}]
  matchActions: [{action: NoPost}]
- matchArgs: [{index: 0, operator: LT, values: ["6"]}]`
    const { events } = await probed.under([hook], [...all, '--', 'six'])
    const found = events.map(({ args: [{ int_arg }], body: { symbol, message, tags, action } }) => {
      return [symbol, int_arg, message, tags, action]
    })
    const common = ['a call', ['observability.process'], 'KPROBE_ACTION_POST']
    assert.deepEqual(found, [
      ['takes_numbers', 5, ...common],
      ['takes_numbers', -7, ...common],
      ['takes_six', 1, ...common],
    ])
  })

  it('may not ask user space for requests', async () => {
    const hook = hookOf(
      'takes_numbers',
      'int',
      'matchActions: [{action: GetUrl, argUrl: "http://a"}]',
    )
    await assert.rejects(probed.run.loadAttached(uprobes([hook])), /GetUrl/)
  })
})
