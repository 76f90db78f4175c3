import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { count, figure, median } from './figures.ts'
import { added, type PolicyResults, parsePolicyResults } from './policy-results.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('./policy-run.js', import.meta.url))
const rounds = 5
const operations = 20_000
const kibibyte = 1024
/** For each hook of a policy. */
const loadGoalMs = 30

/** Cost of policies on this host. */
export const policies: Benchmark = {
  name: 'policies',
  summary: 'operations that policies hook, loading, kernel memory',
  needsVm: false,
  async run({ progress }) {
    progress(`${rounds} rounds of ${operations} operations each`)
    const { stdout } = await run(process.execPath, [script, `${rounds}`, `${operations}`], {
      maxBuffer: 1 << 26,
    })
    const results = parsePolicyResults(stdout)
    return { tables: [operationTable(results), loadTable(results)], notes: [] }
  },
}

function operationTable(results: PolicyResults) {
  const names = Object.keys(results.plain[0])
  const measured = results.policies.filter(({ rounds }) => rounds.length > 0)
  return {
    title: `CPU time of one operation, µs (medians of ${rounds} alternating rounds)`,
    head: ['operation', 'without', ...measured.map(({ path }) => `with ${basename(path)}`)],
    rows: names.map((name) => [
      name,
      figure(median(results.plain.map((round) => round[name].cpuUs))),
      ...measured.map((policy) => {
        const more = added(results, policy, name)
        return `${more < 0 ? '−' : '+'}${figure(Math.abs(more))}`
      }),
    ]),
  }
}

function loadTable(results: PolicyResults) {
  return {
    title: 'Loading a policy, and its memory',
    head: [
      'policy',
      'hooks',
      'programs',
      'instructions',
      'walked',
      'load, ms',
      'own maps, KiB',
      `< ${loadGoalMs} ms a hook, < 64 KiB`,
    ],
    rows: results.policies.map(({ path, loads }) => {
      const [{ programs, backends }] = loads
      const sum = (pick: (p: (typeof programs)[number]) => number): string =>
        count(programs.reduce((total, program) => total + pick(program), 0))
      const ms = median(loads.map((load) => load.ms))
      const bytes = median(loads.map((load) => load.mapBytes))
      const met = ms < loadGoalMs * backends.length && bytes < 64 * kibibyte
      return [
        basename(path),
        `${backends.length} (${[...new Set(backends)].join(', ')})`,
        `${programs.length}`,
        sum(({ instructions }) => instructions),
        sum(({ verifiedInstructions }) => verifiedInstructions),
        figure(ms),
        figure(bytes / kibibyte),
        met ? 'met' : 'MISSED',
      ]
    }),
  }
}
