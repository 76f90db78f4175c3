import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { RunningAgent } from '@tetragon-ts/agent/testing'
import { type Event, parseEvent } from '@tetragon-ts/api'
import { runProgram } from '@tetragon-ts/test/archives'
import { workload } from '@tetragon-ts/test/workloads'
import { neededOf } from '../../rules-page/page.ts'
import { readLibrary, ruleLibrary, triggers } from './library.ts'
import { commandOf, scriptOf } from './trigger.ts'

/** Each trigger once, in the order in which they run; the working folder has the index as name. */
const runs = Object.entries(triggers).flatMap(([rule, { hits, misses }]) => [
  ...hits.map((trigger) => ({ rule, trigger, isHit: true })),
  ...misses.map((trigger) => ({ rule, trigger, isHit: false })),
])

describe('rule library on a running agent', () => {
  // Not below /tmp: rules are about programs in there.
  const folder = mkdtempSync('/opt/tetragon-rules-')
  const programs = join(folder, 'programs')
  /** What is removed besides the folder. */
  const outside = new Set<string>()
  let agent: RunningAgent
  /** Rules that were found, by the index of the run. */
  const found = new Map<number, Set<string>>()

  before(async () => {
    const [trigger, ids] = [await workload('trigger'), idsOfFiles()]
    const place = (path: string, program: string): void => {
      mkdirSync(dirname(path), { recursive: true })
      copyFileSync(program, path)
    }
    for (const [index, { trigger: each }] of runs.entries()) {
      const command = commandOf(each, programs)
      mkdirSync(join(folder, 'runs', String(index)), { recursive: true })
      writeFileSync(join(folder, 'runs', `${index}.sh`), scriptOf(each, programs))
      if (command === undefined) continue
      place(command.program, '/bin/true')
      if (command.parent !== '/bin/sh') place(command.parent, '/bin/sh')
      const [made] = /^\/(?:tmp|dev)\/.*?rules-x[^/]*/.exec(command.program) ?? []
      if (made !== undefined) outside.add(made)
    }
    // Programs of other tests are found by the same rules.
    const many = ['--findings-per-minute', '100000']
    const fields = ['--exec-fields', 'environment']
    agent = await RunningAgent.start('--rules', ruleLibrary, ...fields, ...many)
    await agent.rulesRead()
    const script = 'cd "$1"; i=0; while [ -d $i ]; do (cd $i && sh ../$i.sh); i=$((i + 1)); done'
    const env = { ...process.env, TRIGGER: trigger }
    await runProgram('/bin/sh', ['-c', script, 'sh', join(folder, 'runs')], { env })
    await agent.events()
    for (const line of agent.written.lines) note(line, ids)
  })

  after(async () => {
    await agent?.remove()
    rmSync(folder, { recursive: true })
    for (const path of outside) rmSync(path, { recursive: true })
  })

  function note(line: string, files: ReadonlyMap<string, string>): void {
    if (!line.includes('"findings"')) return
    const parsed = parseEvent(line)
    assert.ok(parsed.ok, line)
    const { body, response } = parsed.event as Event & { body: { process?: { cwd?: string } } }
    const [, index] = /\/runs\/(\d+)(?:\/|$)/.exec(body.process?.cwd ?? '') ?? []
    if (index === undefined) return
    const rules = found.get(Number(index)) ?? new Set()
    found.set(Number(index), rules)
    for (const { rule = '' } of response.findings ?? []) rules.add(files.get(rule) ?? rule)
  }

  it('runs nothing but copies of /bin/true, besides the scripts of triggers', () => {
    const harmless = readFileSync('/bin/true')
    for (const { trigger } of runs) {
      const command = commandOf(trigger, programs)
      if (command === undefined) continue
      assert.ok(readFileSync(command.program).equals(harmless), command.program)
    }
  })

  for (const rule of Object.keys(triggers)) {
    it(`${rule} finds what it must, and nothing that is only like it`, (t) => {
      const needed = neededOf(`${rule}.yaml`)
      if (needed !== '') return t.skip(`not all hosts have ${needed}`)
      for (const [index, { trigger, isHit, ...run }] of runs.entries()) {
        if (run.rule !== rule) continue
        const others = [...(found.get(index) ?? [])].join(' ')
        const message = `${isHit ? 'hit' : 'miss'} ${JSON.stringify(trigger)}: ${others}`
        assert.equal(found.get(index)?.has(rule) ?? false, isHit, message)
      }
    })
  }
})

/** Files of rules, without suffix, by their ids. */
function idsOfFiles(): ReadonlyMap<string, string> {
  const { rules } = readLibrary().linked
  return new Map(rules.map(({ rule }) => [rule.id ?? '', rule.file.replace('.yaml', '')]))
}
