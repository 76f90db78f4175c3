import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { figure, goal } from './figures.ts'
import { type Hit, hitMarker, type Outcome } from './hook-situations.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('./hook-hits-run.js', import.meta.url))
const operations = 20_000

/** Maximum time of a hit beyond an empty program, in nanoseconds. */
const goals: Partial<Record<Outcome, number>> = { 'not named': 15, 'filtered early': 100 }

/** Time of a hit of a policy's programs, by its result. */
export const hookHits: Benchmark = {
  name: 'hook-hits',
  summary: 'ns per hit of policies: not named, filtered early, filtered late, posted',
  needsVm: false,
  async run({ progress }) {
    progress(`${operations} operations in each situation`)
    const { stdout } = await run(process.execPath, [script, `${operations}`], {
      maxBuffer: 1 << 26,
    })
    const line = stdout.split('\n').find((text) => text.startsWith(hitMarker))
    if (line === undefined) throw new Error(`measure hits: no results: ${stdout}`)
    const hits: Hit[] = JSON.parse(line.slice(hitMarker.length))
    return {
      tables: [
        {
          title: 'Time of a hit, ns',
          head: ['policy', 'operation', 'outcome', 'program', 'ns', 'beyond empty'],
          rows: hits.flatMap(rowsOf),
        },
      ],
      notes: [
        'The empty program is at sys_enter; both include the two clock readings of the statistics.',
        'At sys_enter and sys_exit a program runs for every system call of the operation: those that ' +
          'the policy does not name are in the mean.',
      ],
    }
  },
}

function rowsOf({ situation, programs }: Hit): string[][] {
  const { policy, what, outcome } = situation
  const bare = programs.find(({ isEmpty }) => isEmpty)?.ns ?? 0
  const limit = goals[outcome]
  return programs
    .filter(({ isEmpty }) => !isEmpty)
    .map(({ name, ns }) => [
      basename(policy),
      what,
      outcome,
      name,
      figure(ns),
      limit === undefined
        ? figure(ns - bare)
        : `${figure(ns - bare)} (${goal(`< ${limit}`, ns - bare < limit)})`,
    ])
}
