import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeTestFolder, RunningAgent, until } from '@tetragon-ts/agent/testing'
import type { GetEventsResponse } from '@tetragon-ts/api'
import { probe } from '@tetragon-ts/ebpf/features'
import { workload } from '@tetragon-ts/test/workloads'

const rule = (title: string, detection: string, more = 'action: kill'): string => `
title: ${title}
level: high
tags: [attack.t1105]
logsource: { product: linux, category: process_creation }
detection:
${detection.trim().replace(/^/gm, '  ')}
${more}
---`

// One agent for all cases. The programs are copies of true and sh, so that those that are not
// killed end immediately.
describe('rules that kill', () => {
  const folder = makeTestFolder()
  const bin = join(folder, 'bin')
  const program = (name: string): string => join(bin, name)
  let agent: RunningAgent
  /** Executes a program in ways that shells do not offer. */
  let ways: string

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
  /** The status of a child of a shell with this word. */
  const runChild = (word: string, parent = 'parent'): string => {
    return signalOf(program(parent), ['-c', `"${program('true')}"; exit $?`, word])
  }

  before(async () => {
    ways = await workload('exec-variants')
    mkdirSync(bin)
    for (const name of ['true', 'victim', 'plain']) copyFileSync('/bin/true', program(name))
    for (const name of ['sh', 'parent']) copyFileSync('/bin/sh', program(name))
    symlinkSync(program('true'), program('link-victim'))
    writeFileSync(program('script'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const rules = join(folder, 'rules.yaml')
    const path = rule(
      'By Path',
      `
s: { Image|startswith: ${bin}/, Image|endswith: VICTIM }
condition: s`,
    )
    const words = rule(
      'By Words',
      `
all: { Image|startswith: ${bin}/, CommandLine|contains|all: [' --output', 'http://'] }
quoted: { Image|startswith: ${bin}/, CommandLine|endswith: ' "two words"' }
whole: { CommandLine: '${bin}/plain' }
exception: { CommandLine|contains: '--allowed' }
condition: (all or quoted or whole) and not exception`,
    )
    const parent = rule(
      'By Parent',
      `
s: { Image|startswith: ${bin}/, ParentImage|endswith: /parent }
exception: { ParentCommandLine|contains: spared }
condition: s and not exception`,
      'name: by-parent',
    )
    const undecided = rule('Undecided', "s: { Image|re: '.*never' }\ncondition: s")
    const kill = '\ntitle: Kill Children\nenforcement: { rules: [by-parent], action: kill }\n'
    writeFileSync(rules, path + words + parent + undecided + kill)
    agent = await RunningAgent.start('--rules', rules)
    await agent.rulesRead()
  })
  after(async () => {
    await agent?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

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
    // Kernels without bpf_loop read 2 kB.
    const within = probe('bpf_loop').answer === 'yes' ? 7000 : 1500
    assert.equal(killed(program('true'), ['x'.repeat(within), ...output]), true)
    // Beyond the bound no program is killed; an exception may be there.
    assert.equal(killed(program('true'), ['x'.repeat(100_000), ...output]), false)
    assert.equal(killed(program('true'), [...output, 'x'.repeat(100_000)]), false)
    const many = Array.from({ length: 20 }, () => 'x'.repeat(100_000))
    assert.equal(killed(program('true'), [...output, ...many]), false)
  })

  it('know the parent, also if it was there before', () => {
    assert.equal(runChild('x'), '137')
    assert.equal(runChild('spared'), '0')
    assert.equal(runChild('x', 'sh'), '0')
  })

  it('see execs of threads, by descriptors, and those that share memory', () => {
    const name = program('victim')
    assert.equal(killed(ways, ['thread', name]), true)
    // As in events, the called path is /dev/fd/N/victim then.
    assert.equal(killed(ways, ['dirfd', name]), false)
    assert.equal(signalOf(ways, ['vfork', name]), '137')
    assert.equal(killed(ways, ['empty-argv', name]), true)
    assert.equal(killed(ways, ['empty-argv', program('plain')]), true)
    assert.equal(killed(ways, ['thread', program('true')]), false)
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
