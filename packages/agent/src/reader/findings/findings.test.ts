import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { prepareTexts } from '../../rules/prepare-texts.ts'
import { testPipeline } from '../testing/test-pipeline.ts'
import {
  execRecord,
  exitRecord,
  hookRecordBytes,
  runningRecord,
  type TestProcess,
  testHook,
} from '../testing/test-records.ts'
import { loadPrepared } from './load-rules.ts'

const rule = (number: number, title: string, source: string, detection: string): string => `
title: ${title}
id: 00000000-0000-4000-8000-00000000000${number}
level: high
tags: [attack.t1059.004]
logsource: { product: linux, ${source} }
detection: ${detection}
---`

const creation = 'category: process_creation'
const shellRule = rule(
  1,
  'Shell',
  creation,
  '{ s: { Image|endswith: /sh, CommandLine|contains: evil }, condition: s }',
)
const childRule = rule(2, 'Child', creation, '{ s: { ParentImage|endswith: /sh }, condition: s }')

const shell: TestProcess = { pid: 100, start: 1000, parent: { pid: 0, start: 1 } }
const childOf = (parent: TestProcess, pid: number): TestProcess => {
  return { pid, start: 10 * pid, ktime: 10 * pid + 1, execs: 1, parent }
}

/** Reads and compiles rules. */
async function load(...texts: string[]) {
  const prepared = prepareTexts({ texts: texts.map((text, i) => ({ path: `${i}.yaml`, text })) })
  const steps = await loadPrepared(prepared)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

/** A pipeline with these rules, and the shell as the only running process. */
async function started(...texts: string[]) {
  const test = testPipeline()
  const loaded = await load(...texts)
  test.context.findings.use(loaded)
  test.pipeline.begin()
  test.source.add(runningRecord(shell))
  test.pipeline.drain(1024)
  test.pipeline.discovered(undefined)
  test.events()
  const events = (...records: Uint8Array[]) => {
    test.source.add(...records)
    test.pipeline.drain(1024)
    return test.events()
  }
  const titles = (...records: Uint8Array[]) =>
    events(...records).map(({ findings = [] }) => findings.map(({ title }) => title))
  return { ...test, loaded, events, titles }
}

describe('findings', () => {
  it('are on the event that decided, with the fields that matched', async () => {
    const { events } = await started(shellRule)
    const [hit, miss] = events(
      execRecord(childOf(shell, 101), '/bin/sh', 'sh\0-c\0evil "\u00e4"'),
      execRecord(childOf(shell, 102), '/bin/sh', 'sh\0good'),
    )
    assert.deepEqual(hit.findings, [
      {
        rule: '00000000-0000-4000-8000-000000000001',
        title: 'Shell',
        level: 'high',
        techniques: ['T1059.004'],
        fields: [
          { field: 'Image', value: '/bin/sh' },
          { field: 'CommandLine', value: `/bin/sh ${hit.process_exec?.process?.arguments}` },
        ],
      },
    ])
    assert.equal(miss.findings, undefined)
  })

  it('see the parent, and the ends of programs', async () => {
    const end = rule(
      3,
      'End',
      'category: process_termination',
      '{ s: { Image|endswith: /x }, condition: s }',
    )
    const { titles } = await started(childRule, end)
    const parent = childOf(shell, 101)
    const child = childOf(parent, 102)
    assert.deepEqual(titles(execRecord(parent, '/bin/sh'), execRecord(child, '/bin/x')), [
      [],
      ['Child'],
    ])
    assert.deepEqual(titles(exitRecord(child, 0, 9000)), [['End']])
  })

  it('know all fields of processes: ids, and paths of events', async () => {
    const { titles } = await started(
      rule(1, 'Id', creation, '{ s: { ProcessId: 101 }, condition: s }'),
      rule(2, 'Parent', creation, '{ s: { ParentProcessId: 101 }, condition: s }'),
      rule(3, 'Path', creation, '{ s: { process.start_time|exists: true }, condition: s }'),
      rule(4, 'Above', creation, '{ s: { ancestors.pid: 101 }, condition: s }'),
    )
    const parent = childOf(shell, 101)
    const found = titles(execRecord(parent, '/bin/x'), execRecord(childOf(parent, 102), '/bin/y'))
    assert.deepEqual(
      found.map((each) => each.toSorted()),
      [
        ['Id', 'Path'],
        ['Above', 'Parent', 'Path'],
      ],
    )
  })

  it('see hooks that rules are about, and only those', async () => {
    const read = rule(
      4,
      'Read',
      'category: tetragon_hook',
      '{ s: { Hook: vfs_read }, condition: s }',
    )
    const access = rule(
      5,
      'Access',
      'category: file_access',
      '{ s: { TargetFilename|contains: x }, condition: s }',
    )
    const { pipeline, titles } = await started(read, access)
    const hook = testHook(7)
    pipeline.hooks.add(hook)
    assert.deepEqual(titles(hookRecordBytes(hook, shell, 3000, {})), [['Read']])
    const { pipeline: other, titles: otherTitles } = await started(access)
    other.hooks.add(hook)
    assert.deepEqual(otherTitles(hookRecordBytes(hook, shell, 3000, {})), [[]])
  })

  it('do not parse events of hooks that no rule can match, besides the first', async () => {
    const other = rule(
      6,
      'Other',
      'category: tetragon_hook',
      '{ s: { Hook: sys_a, Policy: q }, condition: s }',
    )
    const read = rule(
      7,
      'Read',
      'category: tetragon_hook',
      '{ s: { Hook: vfs_read }, condition: s }',
    )
    const parsed = async (text: string, policyName: string) => {
      const { pipeline, events } = await started(text)
      const hook = { ...testHook(7), policyName }
      pipeline.hooks.add(hook)
      const add = () => events(hookRecordBytes(hook, shell, 3000, {}))
      add()
      const parse = mock.method(JSON, 'parse')
      const [event] = add()
      // The test parses each event once.
      const count = parse.mock.callCount() - 1
      parse.mock.restore()
      return [count, event.findings?.length ?? 0]
    }
    assert.deepEqual(await parsed(other, 'q'), [0, 0])
    assert.deepEqual(await parsed(read, 'q'), [1, 0])
  })

  it('know LSM hooks by the functions that call them', async () => {
    const access = rule(
      5,
      'Access',
      'category: file_access',
      '{ s: { TargetFilename: /etc/shadow }, condition: s }',
    )
    const { pipeline, titles } = await started(access)
    const hook = {
      ...testHook(7),
      event: 'process_lsm',
      functions: ['file_open'],
      heads: [{ function_name: 'file_open' }],
    } as const
    pipeline.hooks.add(hook)
    const values = { a1: { mode: 0o100644 }, a1_tail: '/etc/shadow' }
    assert.deepEqual(titles(hookRecordBytes(hook, shell, 3000, values)), [['Access']])
  })

  it('are folded by rule and lineage, and counted', async () => {
    const { titles, pipeline } = await started(shellRule)
    const exec = (parent: TestProcess, pid: number) =>
      execRecord(childOf(parent, pid), '/bin/sh', 'sh\0evil')
    const other = childOf(shell, 200)
    assert.deepEqual(
      titles(exec(shell, 101), exec(shell, 102), execRecord(other, '/bin/x'), exec(other, 103)),
      [['Shell'], [], [], ['Shell']],
    )
    const { folded, rules } = pipeline.totals().findings
    assert.equal(folded, 1)
    assert.deepEqual(
      rules.map(({ rule, count, folded }) => [rule, count, folded]),
      [['Shell', 3, 1]],
    )
  })

  it('of different commands are not folded, up to ten', async () => {
    const { titles } = await started(shellRule)
    const exec = (pid: number, what: number) =>
      execRecord(childOf(shell, pid), '/bin/sh', `sh\0evil\0${what}`)
    const found = titles(...Array.from({ length: 15 }, (_, i) => exec(101 + i, i)), exec(200, 3))
    assert.equal(found.flat().length, 10)
    assert.deepEqual(found.slice(0, 10), Array(10).fill(['Shell']))
  })

  it('of a flood are folded by user and rule, counted, and hide no others', async () => {
    const low = rule(1, 'Low', creation, '{ s: { CommandLine|contains: decoy }, condition: s }')
    const critical = rule(2, 'Critical', creation, '{ s: { Image: /bin/evil }, condition: s }')
    const { titles, events, pipeline, source } = await started(
      low.replace('level: high', 'level: low'),
      critical.replace('level: high', 'level: critical'),
    )
    // Each process has a parent of its own, and says something else.
    let pid = 1000
    const decoy = () => {
      const parent = childOf(shell, pid++)
      const child = childOf(parent, pid++)
      source.reuse()
      return titles(execRecord(parent, '/bin/x'), execRecord(child, '/bin/y', `y\0decoy ${pid}`))
    }
    let found = 0
    for (let i = 0; i < 5000; i++) found += decoy().flat().length
    assert.equal(found, 20)
    assert.deepEqual(titles(execRecord(childOf(shell, pid++), '/bin/evil')), [['Critical']])
    assert.equal(pipeline.totals().findings.folded, 4980)
    assert.deepEqual(
      pipeline.totals().findings.rules.map(({ count }) => count),
      [5000, 1],
    )
    const later = { ...childOf(shell, pid), ktime: 70e9 }
    const [{ findings = [] }] = events(execRecord(later, '/bin/y', 'y\0decoy'))
    assert.deepEqual(
      findings.map(({ title, repeated }) => [title, repeated]),
      [['Low', '4980']],
    )
  })

  it('say where rules have not looked at all arguments', async () => {
    const { titles } = await started(shellRule)
    const exec = (pid: number, before: number) =>
      execRecord(childOf(shell, pid), '/bin/sh', `sh\0${'x'.repeat(before)}\0evil`)
    assert.deepEqual(titles(exec(101, 10_000), exec(102, 16_380), exec(103, 17_000)), [
      ['Shell'],
      ['Arguments longer than detection rules look at'],
      [],
    ])
  })

  it('do not end the reader if a rule fails, and count that', async () => {
    const { context, titles, pipeline } = await started(shellRule)
    const failing = (): never => {
      throw new Error('too much recursion')
    }
    const loaded = await load(shellRule)
    context.findings.use({
      ...loaded,
      open: (...given) => Object.assign(loaded.open(...given), { ofProcess: failing }),
    })
    assert.deepEqual(titles(execRecord(childOf(shell, 101), '/bin/sh', 'sh\0evil')), [[]])
    assert.equal(pipeline.totals().findings.failed, 1)
  })

  it('of the highest levels are in an event that matches many rules', async () => {
    const match = '{ s: { CommandLine|contains|all: [ev, il] }, condition: s }'
    const low = Array.from({ length: 20 }, (_, i) => rule(1, `Low ${i}`, creation, match))
    const rules = low
      .join('')
      .replaceAll('level: high', 'level: low')
      .replace(/\nid: .*/g, '')
    const { events, pipeline } = await started(rules, rule(2, 'Last', creation, match))
    const [{ findings = [] }] = events(execRecord(childOf(shell, 101), '/bin/sh', 'sh\0evil'))
    assert.equal(findings.length, 16)
    assert.deepEqual([findings[0].title, findings[0].fields?.length], ['Last', 1])
    assert.equal(pipeline.totals().findings.omitted, 5)
    const [again] = events(execRecord(childOf(shell, 102), '/bin/sh', 'sh\0evil'))
    assert.equal(again.findings?.length, 5)
  })

  it('leave out what a filter excepts, and rules with errors', async () => {
    const filter = `
title: Our shell
logsource: { product: linux, category: process_creation }
filter:
  rules: [00000000-0000-4000-8000-000000000001]
  selection: { CommandLine|contains: ours }
  condition: not selection
`
    const wrong = rule(6, 'Wrong', creation, '{ s: { Imag: x }, condition: s }')
    const { titles, pipeline, loaded } = await started(shellRule + filter, wrong)
    assert.match(
      loaded?.inForce.errors.join('\n') ?? '',
      /^rule left out: 1\.yaml:7:\d+: .*did you mean "Image"/,
    )
    const exec = (pid: number, args: string) => execRecord(childOf(shell, pid), '/bin/sh', args)
    assert.deepEqual(titles(exec(101, 'sh\0evil ours'), exec(102, 'sh\0evil')), [[], ['Shell']])
    assert.equal(pipeline.totals().findings.excepted, 1)
  })

  it('of correlations name the processes', async () => {
    const correlation = `
title: Many
name: many
correlation: { type: event_count, rules: [00000000-0000-4000-8000-000000000001], group-by: [ParentImage], timespan: 1m, condition: { gte: 3 } }
level: critical
`
    const { events } = await started(shellRule + correlation)
    const parent = childOf(shell, 101)
    events(execRecord(parent, '/bin/x'))
    const records = [102, 103, 104].map((pid) =>
      execRecord(childOf(parent, pid), '/bin/sh', 'sh\0evil'),
    )
    const all = events(...records)
    assert.deepEqual(
      all.map(({ findings = [] }) => findings.map(({ title }) => title)),
      [[], [], ['Many']],
    )
    const [many] = all[2].findings ?? []
    assert.deepEqual(
      many.exec_ids,
      all.map(({ process_exec: exec }) => exec?.process?.exec_id),
    )
    assert.deepEqual(many.fields, [{ field: 'ParentImage', value: '/bin/x' }])
  })

  it('of correlations are uncertain after a loss within their timespan', async () => {
    const correlation = `
title: Two
correlation: { type: event_count, rules: [00000000-0000-4000-8000-000000000001], group-by: [ParentImage], timespan: 1m, condition: { gte: 2 } }
`
    const { events, context } = await started(shellRule + correlation)
    const twoIn = (pid: number, program: string) => {
      const parent = childOf(shell, pid)
      const children = [pid + 1, pid + 2].map((each) =>
        execRecord(childOf(parent, each), '/bin/sh', 'sh\0evil'),
      )
      const last = events(execRecord(parent, program), ...children).at(-1)
      return last?.findings?.map(({ title, uncertain }) => [title, uncertain])
    }
    assert.deepEqual(twoIn(200, '/bin/x'), [['Two', undefined]])
    context.findings.noteLoss(0)
    assert.deepEqual(twoIn(300, '/bin/y'), [['Two', true]])
  })

  it('are counted by rule and by filter, which excepts until the day of the event', async () => {
    const filter = `
title: Backup
expires: 2100-01-31
logsource: { product: linux, ${creation} }
filter: { rules: [00000000-0000-4000-8000-000000000001], s: { Image: /srv/sh }, condition: not s }
---`
    const { events, context, clock } = await started(shellRule, filter)
    const start = (pid: number, program: string, text: string) =>
      execRecord(childOf(shell, pid), program, text)
    const evil = (pid: number) => start(pid, '/srv/sh', 'sh\0evil')
    events(evil(101), evil(102), start(103, '/bin/x', 'x'), start(104, '/bin/sh', 'sh\0good'))
    const [rule] = context.findings.totals.rules
    assert.deepEqual([rule.count, rule.lastMs], [0, 0])
    const [{ filter: by, count, lastMs }, ...others] = rule.excepted
    assert.deepEqual([by, count, lastMs, others], ['Backup', 2, 0, []])
    // The clock, not a reload, ends the exception.
    const later = Date.parse('2100-02-01T00:00:00Z')
    clock.set(BigInt(later) * 1_000_000n)
    assert.equal(events(evil(105))[0].findings?.[0].title, 'Shell')
    assert.equal(events(evil(105))[0].findings, undefined, 'a repeat')
    const { rules, evaluations } = context.findings.totals
    assert.equal(rules.length, 1)
    assert.deepEqual(rules[0], {
      ...{ id: '00000000-0000-4000-8000-000000000001', rule: 'Shell', level: 'high' },
      ...{ count: 2, folded: 1, omitted: 0, lastMs: later },
      excepted: [{ filter: 'Backup', count: 2, lastMs: 0 }],
    })
    assert.deepEqual(evaluations, [['00000000-0000-4000-8000-000000000001', 4]])
  })

  it('follow a change of the rules', async () => {
    const { context, titles } = await started(shellRule)
    context.findings.use(await load(childRule))
    const child = childOf(shell, 101)
    const grandchild = childOf(child, 102)
    assert.deepEqual(
      titles(execRecord(child, '/bin/sh', 'sh\0evil'), execRecord(grandchild, '/bin/y')),
      [[], ['Child']],
    )
    context.findings.use(undefined)
    assert.deepEqual(titles(execRecord(childOf(child, 103), '/bin/y')), [[]])
  })
})
