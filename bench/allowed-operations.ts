import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { figure, median } from './figures.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('./allowed-operations-run.js', import.meta.url))
const rounds = 7
const operations = 20_000

/** Microseconds of an operation in each round, by the name of the case. */
export type AllowedOperations = Record<string, { without: number; with: number }[]>

/** Cost of the means of this host for operations that policies allow. */
export const allowedOperations: Benchmark = {
  name: 'allowed-operations',
  summary: 'time of allowed operations under policies with 1,000 values, by means of this host',
  async run({ progress }) {
    progress(`${rounds} rounds of ${operations} operations each`)
    const { stdout } = await run(process.execPath, [script, `${rounds}`, `${operations}`])
    const results = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as AllowedOperations
    const rows = Object.entries(results).map(([name, measured]) => [
      name,
      figure(median(measured.map(({ without }) => without))),
      figure(median(measured.map((each) => each.with))),
      figure(median(measured.map((each) => each.with / each.without))),
    ])
    const head = ['operation, means, values', 'without, µs', 'with, µs', 'ratio']
    return { tables: [{ title: 'Allowed operations, medians', head, rows }], notes: [] }
  },
}
