import { fileURLToPath } from 'node:url'
import { runInVm } from '@tetragon-ts/test/vm'
import { compileWorkloads } from '@tetragon-ts/test/workloads'
import type { Benchmark } from './benchmark.ts'
import { type EnforcementResults, enforcementMarker } from './enforcement-results.ts'
import { count, goal, median } from './figures.ts'

const script = fileURLToPath(new URL('./enforcement-run.js', import.meta.url))
const rounds = 5
const operations = 1000
const timeoutMs = 40 * 60_000
/** Instructions that a policy may add to opening a file. */
const most = 400

/** The cost of operations that policies allow. */
export const vmEnforcement: Benchmark = {
  name: 'vm-enforcement',
  summary: 'allowed operations under policies with 1,000 values, counted in instructions',
  needsVm: true,
  async run({ kernel, progress }) {
    await compileWorkloads()
    const { exitCode, output } = await runInVm({
      ...{ kernel, icount: true, timeoutMs, memoryMiB: 3072 },
      command: [process.execPath, script, `${rounds}`, `${operations}`],
      onOutput: (text) => {
        for (const line of text.split('\n')) if (/^round/.test(line)) progress(line)
      },
    })
    const line = output.split('\n').find((text) => text.startsWith(enforcementMarker))
    if (exitCode !== 0 || line === undefined) {
      throw new Error(`measure in kernel ${kernel}: exit ${exitCode}: ${output}`)
    }
    const results = JSON.parse(line.slice(enforcementMarker.length)) as EnforcementResults
    const rows = Object.entries(results.policies).map(([name, measured]) => {
      const operation = name.startsWith('open') ? 'open' : 'exec'
      const without = median(results.without.map((round) => round[operation]))
      const added = median(measured.map((round) => round[operation])) - without
      const wanted = operation === 'open' ? goal(`at most ${most}`, added <= most) : ''
      return [name, count(without), count(added), wanted]
    })
    const head = ['operation and policy', 'instructions without', 'added', 'goal']
    return { tables: [{ title: `Linux ${kernel}, LSM programs`, head, rows }], notes: [] }
  },
}
