import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { compileManyFunctions, workload } from '@tetragon-ts/test/workloads'
import type { Benchmark } from './benchmark.ts'
import { figure, goal } from './figures.ts'
import { type ProbeCosts, probeMarker } from './user-probe-costs.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('./user-probes-run.js', import.meta.url))
const functions = 10_000
const calls = 20_000

/** Time of a call of a probed function, and time to attach many functions. */
export const userProbes: Benchmark = {
  name: 'user-probes',
  summary: 'ns per call of a function with uprobes: empty, filtered, posted, with the return',
  async run({ progress }) {
    const folder = mkdtempSync(join(tmpdir(), 'user-probes-'))
    try {
      progress(`a program with ${functions} functions`)
      const many = join(folder, 'many')
      compileManyFunctions(many, functions)
      const probed = await workload('probed')
      progress(`${calls} calls in each situation`)
      const { stdout } = await run(
        process.execPath,
        [script, probed, many, `${functions}`, `${calls}`],
        { maxBuffer: 1 << 26 },
      )
      const line = stdout.split('\n').find((text) => text.startsWith(probeMarker))
      if (line === undefined) throw new Error(`measure uprobes: no results: ${stdout}`)
      return report(JSON.parse(line.slice(probeMarker.length)))
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

function report({ situations, attachMs, detachMs, kernelBytes }: ProbeCosts) {
  const empty = situations.find(({ what }) => what === 'empty program')?.ns ?? 0
  return {
    tables: [
      {
        title: 'Time of a call of a function, ns',
        head: ['probes', 'ns', 'of the empty program'],
        rows: situations.map(({ what, ns }) => [what, figure(ns), `${(ns / empty).toFixed(2)}×`]),
      },
      {
        title: `A policy with ${functions} functions of one program`,
        head: ['', 'result', 'goal'],
        rows: [
          [
            'compile, load and attach, s',
            (attachMs / 1000).toFixed(2),
            goal('< 1', attachMs < 1000),
          ],
          ['unload, s', (detachMs / 1000).toFixed(2), ''],
          ['kernel memory of the policy, kB', figure(kernelBytes / 1000), ''],
        ],
      },
    ],
    notes: [
      'The function does nothing. The kernel takes most of the time of a uprobe for the ' +
        'breakpoint, before any program runs.',
    ],
  }
}
