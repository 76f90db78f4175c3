import { compileRules, linkRules, type RuleSet, readRules } from '@tetragon-ts/rules'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, median } from './figures.ts'
import { libraryCosts } from './library-rules.ts'
import { processes, ruleFiles } from './rule-texts.ts'

const rounds = 5
/** Rules × starts of programs in a round. */
const evaluations = 20_000_000
/** Goals for 200 rules. */
const goals = { execUs: 1, compileMs: 200, bytes: 4e6 }

/** What a number of rules costs. */
function measure(rules: number) {
  const execs = evaluations / rules
  const items = ruleFiles(rules).flatMap((text, i) => readRules(text, `${i}.yml`).items)
  const linked = linkRules(items)
  const began = process.cpuUsage().user
  const set = compileRules(linked)
  const compileMs = (process.cpuUsage().user - began) / 1000
  const started = processes(2000)
  let matches = 0
  const rates: number[] = []
  // The first round also compiles the engine's own code.
  for (let round = 0; round <= rounds; round++) {
    const before = process.cpuUsage().user
    matches = start(set, started, execs)
    if (round > 0) rates.push((process.cpuUsage().user - before) / execs)
  }
  return { compileMs, bytes: set.byteLength, execUs: median(rates), matches: matches / execs }
}

/** Each fourth process starts others. @returns the number of matches */
function start(set: RuleSet, started: ReturnType<typeof processes>, execs: number): number {
  let parent = set.facts({})
  let matches = 0
  for (let i = 0; i < execs; i++) {
    const facts = set.facts(started[i % started.length])
    matches += set.evaluate('process_creation', { process: facts, parent }, {}).length
    if (i % 4 === 0) parent = facts
  }
  return matches
}

/** Cost of detection rules for each start of a program. */
export const rules: Benchmark = {
  name: 'rules',
  summary: 'cost of detection rules for each start of a program',
  run: async ({ progress }) => {
    const rows = [200, 1000, 10_000].map((number) => {
      const { compileMs, bytes, execUs, matches } = measure(number)
      progress(`${number} rules: ${figure(execUs)} µs per exec`)
      const met =
        number === 200
          ? goal(
              '≤ 1 µs, ≤ 200 ms, ≤ 4 MB',
              execUs <= goals.execUs && compileMs <= goals.compileMs && bytes <= goals.bytes,
            )
          : ''
      const size = figure(bytes / 1e6)
      return [count(number), figure(execUs), figure(matches), figure(compileMs), size, met]
    })
    const library = libraryCosts(progress)
    return {
      tables: [
        library,
        {
          title: `CPU time for each exec (medians of ${rounds} rounds)`,
          head: [
            'rules',
            'µs per exec',
            'matches per exec',
            'compile, ms of CPU',
            'tables, MB',
            'goal',
          ],
          rows,
        },
      ],
      notes: [
        'Execs of the library are 130 different ones, recorded during builds, package installation and ' +
          'shells; crafted ones have 16,384 characters with literals of all rules.',
        'The rules share 71 programs and 27 texts: of 10,000, some 280 name each program, and are ' +
          'evaluated when it starts.',
      ],
    }
  },
}
