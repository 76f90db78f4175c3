import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { count, figure, median } from './figures.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('./refused-operations-run.js', import.meta.url))
const rounds = 5
const attempts = 200_000
const threads = 8

/** One storm of refusals. */
export interface Storm {
  /** Time of one attempt, over all threads. */
  readonly ns: number
  readonly events: number
  /** Refusals that events stand for. */
  readonly reported: number
  readonly lost: number
}

/** Storms by what policies do with equal refusals. */
export type RefusedOperations = Record<string, readonly Storm[]>

/** What becomes of a process that repeats a refused operation. */
export const refusedOperations: Benchmark = {
  name: 'refused-operations',
  summary: 'a storm of equal refusals, with and without counting in the kernel',
  async run({ progress }) {
    progress(`${rounds} rounds of ${attempts} attempts each`)
    const args = [script, `${rounds}`, `${attempts}`, `${threads}`]
    const { stdout } = await run(process.execPath, args)
    const results = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as RefusedOperations
    const [first] = Object.values(results)
    const base = median(first.map(({ ns }) => ns))
    const rows = Object.entries(results).map(([name, storms]) => {
      const of = (key: keyof Storm): number => median(storms.map((storm) => storm[key]))
      const [events, reported, lost] = [of('events'), of('reported'), of('lost')]
      return [name, figure(of('ns') / base), count(events), count(reported), count(lost)]
    })
    const head = ['equal refusals', 'time, ratio', 'events', 'refusals in events', 'lost']
    const title = `${attempts.toLocaleString('en')} refused connections, ${threads} threads, medians`
    return { tables: [{ title, head, rows }], notes: [] }
  },
}
