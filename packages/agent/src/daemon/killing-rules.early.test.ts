import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { GetEventsResponse } from '@tetragon-ts/api'
import { makeTestFolder, RunningAgent } from '../testing/index.ts'
import { until } from '../testing/until.ts'

const rule = (title: string, detection: string, more = ''): string => `
title: ${title}
level: high
tags: [attack.t1105]
logsource: { product: linux, category: process_creation }
detection:
${detection.replace(/^/gm, '  ')}
${more}
---`

// One agent for all cases. The programs are copies of true, so that a case that should not be
// killed ends at once.
describe('rules that kill', () => {
  const folder = makeTestFolder()
  const bin = join(folder, 'bin')
  const program = (name: string): string => join(bin, name)
  let agent: RunningAgent

  before(async () => {
    mkdirSync(bin)
    for (const name of ['true', 'victim', 'plain', 'Mixed', 'sh', 'parent']) {
      const original = name === 'sh' || name === 'parent' ? '/bin/sh' : '/bin/true'
      copyFileSync(original, program(name))
    }
    symlinkSync(program('true'), program('link-victim'))
    writeFileSync(program('script'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const rules = join(folder, 'rules.yaml')
    const inBin = `Image|startswith: ${bin}/`
    writeFileSync(
      rules,
      rule('By Path', `s: { Image: ${bin}/*victim }\ncondition: s`, 'action: kill').replace(
        `Image: ${bin}/*victim`,
        `${inBin}, Image|endswith: victim`,
      ) +
        rule(
          'By Words',
          `s: { ${inBin}, CommandLine|contains|all: [' --output', 'http://'] }\n` +
            `quoted: { ${inBin}, CommandLine|endswith: ' "two words"' }\n` +
            `whole: { CommandLine: "${bin}/plain" }\n` +
            "not: { CommandLine|contains: '--allowed' }\n" +
            'condition: (s or quoted or whole) and not not',
          'action: kill',
        )
          .replace(/\bnot: \{/, 'no: {')
          .replace('and not not', 'and not no') +
        rule(
          'By Parent',
          `s: { ${inBin}, ParentImage|endswith: /parent }\n` +
            "p: { ParentCommandLine|contains: 'spared' }\ncondition: s and not p",
          'name: by-parent',
        ) +
        rule('Undecided', `s: { Image|re: '.*never' }\ncondition: s`, 'action: kill') +
        '\ntitle: Kill Children\nenforcement: { rules: [by-parent], action: kill }\n',
    )
    agent = await RunningAgent.start('--rules', rules)
  })
  after(async () => {
    await agent?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const signalOf = (path: string, args: readonly string[] = [], options = {}): string => {
    const { signal, error, status } = spawnSync(path, args, { stdio: 'ignore', ...options })
    if (error) throw error
    return signal ?? String(status)
  }
  /** Whether a program is killed. */
  const killed = (...[path, args, options]: Parameters<typeof signalOf>): boolean => {
    const result = signalOf(path, args, options)
    assert.ok(['SIGKILL', '0'].includes(result), `${path}: ${result}`)
    return result === 'SIGKILL'
  }

  it('say which are not enforced, with the position', () => {
    assert.match(
      agent.stderr,
      /rule not enforced: .*rules\.yaml:\d+:\d+: "Undecided" only detects, kill is refused: Image: regular expressions are not evaluated in the kernel/,
    )
    assert.doesNotMatch(agent.stderr, /is not in force/)
  })

  it('compare the called path, whatever file it leads to', () => {
    assert.equal(killed(program('victim')), true)
    assert.equal(killed(program('link-victim')), true)
    assert.equal(killed(program('true')), false)
  })

  it('join relative paths with the working directory', () => {
    for (const [path, cwd] of [
      ['./victim', bin],
      ['../bin/./victim', bin],
      [`..//${bin.split('/').at(-1)}/../bin/victim`, bin],
      ['bin/victim', folder],
      [`../../../../../../../../../..${bin}/victim`, folder],
    ] as const) {
      assert.equal(killed(path, [], { cwd }), true, path)
    }
    assert.equal(killed('./true', [], { cwd: bin }), false)
  })

  it('compare the arguments as events join them', () => {
    const output = ['--output', 'x', 'http://host']
    assert.equal(killed(program('true'), output), true)
    assert.equal(killed(program('true'), ['--OUTPUT', 'HTTP://']), true)
    assert.equal(killed(program('true'), ['--output', 'http:/', '/host']), false)
    assert.equal(killed(program('true'), ['a --output http://']), true)
    assert.equal(killed(program('true'), [...output, '--allowed']), false)
    assert.equal(killed(program('true'), ['--output\nhttp://', '', '"']), true)
    assert.equal(killed(program('true'), ['x', 'two words']), true)
    assert.equal(killed(program('true'), ['two words', '']), false)
    assert.equal(killed(program('true'), ['two', 'words']), false)
    assert.equal(killed(program('plain')), true)
    assert.equal(killed(program('plain'), ['', '']), true)
    assert.equal(killed(program('plain'), [' ']), false)
    assert.equal(killed('/bin/true', output), false)
  })

  it('see the arguments of scripts after those of their interpreter', () => {
    assert.equal(killed(program('script'), ['--output', 'http://']), true)
    assert.equal(killed(program('script')), false)
  })

  it('read a first argument of any length, and count what is not decided', () => {
    const output = ['--output', 'http://host']
    for (const length of [0, 1, 4093, 4094, 4095, 4096, 8192, 30_000]) {
      const argv0 = 'x'.repeat(length)
      assert.equal(killed(program('true'), output, { argv0 }), true, `argv[0] of ${length}`)
    }
    assert.equal(killed(program('true'), ['x'.repeat(3000), ...output]), true)
    // Beyond the bound nobody is killed; an exception may be there.
    assert.equal(killed(program('true'), ['x'.repeat(100_000), ...output]), false)
    assert.equal(killed(program('true'), [...output, 'x'.repeat(100_000)]), false)
    const many = Array.from({ length: 20 }, () => 'x'.repeat(100_000))
    assert.equal(killed(program('true'), [...output, ...many]), false)
  })

  it('know the parent, also if it was there before', () => {
    const child = (...words: string[]) => [`-c`, `"${program('true')}"; exit $?`, ...words]
    const status = (...words: string[]) => signalOf(program('parent'), child(...words))
    assert.equal(status('x'), '137')
    assert.equal(status('spared'), '0')
    assert.equal(signalOf(program('sh'), child('x')), '0')
  })

  it('kill an exec of a thread', () => {
    const run = spawnSync(
      process.execPath,
      [
        '-e',
        `new (require('node:worker_threads').Worker)(
          'process.chdir; require("node:child_process").spawnSync(${JSON.stringify(program('victim'))})',
          { eval: true })`,
      ],
      { stdio: 'ignore' },
    )
    assert.equal(run.status, 0)
  })

  it('report the killed program with the rule', async () => {
    const marker = `marker-${process.pid}`
    const child = spawn(program('victim'), [marker], { stdio: 'ignore' })
    await new Promise((resolve) => child.once('exit', resolve))
    const events = (): GetEventsResponse[] =>
      readFileSync(agent.exportFile, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .filter((each) => JSON.stringify(each).includes(marker))
    await until('the exit', () => events().some((each) => each.process_exit))
    const all = events()
    const exec = all.find((each) => each.process_exec)
    assert.deepEqual(
      exec?.findings?.map(({ title }) => title),
      ['By Path'],
    )
    const hit = all.find((each) => each.process_tracepoint)?.process_tracepoint
    assert.equal(hit?.message, 'By Path')
    assert.equal(hit?.action, 'KPROBE_ACTION_SIGKILL')
    assert.deepEqual(hit?.tags, ['attack.t1105', 'level.high'])
    const exit = all.find((each) => each.process_exit)?.process_exit
    assert.equal(exit?.signal, 'SIGKILL')
  })
})
