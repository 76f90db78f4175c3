import { readdirSync, readFileSync } from 'node:fs'
import { compileRules, type Expression, linkRules, readRules } from '@tetragon-ts/rules'
import { figure, goal, median } from './figures.ts'
import type { Table } from './table.ts'

const folder = new URL('../../policies/rules/', import.meta.url)
const recorded = new URL('../execs.txt', import.meta.url)
const rounds = 9
const repetitions = 100
/** Characters of arguments that the agent evaluates. */
const argumentsMax = 16_384
/** Goals: of the library's process rules, and of the worst exec. */
const goals = { execUs: 1, craftedMs: 5, compileMs: 200, bytes: 4e6 }

interface Exec {
  readonly binary: string
  readonly arguments: string
}

/** What the rules of the library cost for recorded and for crafted execs. */
export function libraryCosts(progress: (text: string) => void): Table {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const items = names
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => readRules(readFileSync(new URL(name, folder), 'utf8'), name).items)
  const linked = linkRules(items)
  const before = spentUs()
  const rules = compileRules(linked)
  const compileMs = (spentUs() - before) / 1000
  const start = (exec: Exec): void => {
    const process = rules.facts({ ...exec })
    rules.evaluate('process_creation', { process, parent: process }, {})
  }
  const execs = recordedExecs()
  const usual = median(timesOf(() => execs.forEach(start), execs.length))
  const json = execs.map((exec) => JSON.stringify(exec))
  const parsed = median(timesOf(() => json.map((text) => JSON.parse(text)), execs.length))
  const crafted = ['/bin/sh', '/usr/bin/find'].map((binary) => {
    const hostile = { binary, arguments: literalsOf(linked).slice(0, argumentsMax) }
    return median(timesOf(() => start(hostile), 1, 3)) / 1000
  })
  const worst = Math.max(...crafted)
  progress(`library: ${figure(usual)} µs per exec, ${figure(worst)} ms for a crafted one`)
  const met = (isMet: boolean, text: string): string => goal(text, isMet)
  return {
    title: `The library: ${linked.rules.length} rules (medians of ${rounds} rounds)`,
    head: ['measure', 'result', 'goal'],
    rows: [
      ['recorded exec, µs', figure(usual), met(usual <= goals.execUs, '≤ 1')],
      ['compared with `JSON.parse` of its path and arguments', figure(usual / parsed), ''],
      ['crafted exec, ms', figure(worst), met(worst <= goals.craftedMs, '≤ 5')],
      [
        'a character of it, compared with one of a recorded exec',
        figure(ratio(worst, usual, execs)),
        '',
      ],
      ['compile, ms of CPU', figure(compileMs), met(compileMs <= goals.compileMs, '≤ 200')],
      ['tables, MB', figure(rules.byteLength / 1e6), met(rules.byteLength <= goals.bytes, '≤ 4')],
    ],
  }
}

/** Cost of a character of a crafted exec, relative to one of a recorded exec. */
function ratio(craftedMs: number, recordedUs: number, execs: readonly Exec[]): number {
  const length = execs.reduce((sum, each) => sum + each.binary.length + each.arguments.length, 0)
  return (craftedMs * 1000) / argumentsMax / (recordedUs / (length / execs.length))
}

function recordedExecs(): Exec[] {
  const lines = readFileSync(recorded, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const end = line.indexOf(' ')
    return { binary: line.slice(0, end), arguments: line.slice(end + 1) }
  })
}

function expressionsOf(condition: Expression): string[] {
  if (condition.kind === 'not') return expressionsOf(condition.of)
  if (condition.kind !== 'test') return condition.of.flatMap(expressionsOf)
  return condition.test.kind === 'regexp' ? [condition.test.source] : []
}

/** Words of all expressions, so that each one has its literals. */
function literalsOf(linked: ReturnType<typeof linkRules>): string {
  const sources = linked.rules.flatMap(({ rule }) => expressionsOf(rule.condition))
  const words = [...new Set(sources.join(' ').match(/[\w./-]{2,}/g))]
  const separators = [' ', ' -', '|', '/', ' /', ';', '"']
  return words.map((word, i) => word + separators[i % separators.length]).join('')
}

/** Times in microseconds; the first rounds also compile the engine's own code. */
function timesOf(work: () => unknown, execs: number, times = repetitions): number[] {
  const found: number[] = []
  for (let round = -3; round < rounds; round++) {
    const before = spentUs()
    for (let i = 0; i < times; i++) work()
    if (round >= 0) found.push((spentUs() - before) / times / execs)
  }
  return found
}

/** Processor time of this thread, in microseconds. */
function spentUs(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1000
}
