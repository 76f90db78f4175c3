import { fileURLToPath } from 'node:url'
import type { Benchmark } from './benchmark.ts'
import { type EnforcementResults, enforcementMarker } from './enforcement-results.ts'
import { count, goal, median } from './figures.ts'
import { measureInVm } from './vm/measure-in-vm.ts'

const script = fileURLToPath(new URL('./enforcement-run.js', import.meta.url))
const rounds = 5
const operations = 1000
/** Instructions that a policy may add to opening a file. */
const most = 400

/** The cost of operations that policies allow. */
export const vmEnforcement: Benchmark = {
  name: 'vm-enforcement',
  summary: 'allowed operations under policies with 1,000 values, counted in instructions',
  needsVm: true,
  async run(context) {
    const results = await measureInVm<EnforcementResults>(context, {
      script,
      args: [rounds, operations],
      marker: enforcementMarker,
      icount: true,
    })
    const rows = Object.entries(results.policies).map(([name, measured]) => {
      const operation = name.startsWith('open') ? 'open' : 'exec'
      const without = median(results.without.map((round) => round[operation]))
      const added = median(measured.map((round) => round[operation])) - without
      const hasGoal = operation === 'open' && !name.endsWith('by identity')
      const wanted = hasGoal ? goal(`at most ${most}`, added <= most) : ''
      return [name, count(without), count(added), wanted]
    })
    const head = ['operation and policy', 'instructions without', 'added', 'goal']
    return { tables: [{ title: `Linux ${context.kernel}, LSM programs`, head, rows }], notes: [] }
  },
}
