import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Benchmark } from './benchmark.ts'
import { figure, goal, median } from './figures.ts'
import { added, type PolicyResults, policyMarker } from './policy-results.ts'
import { measureInVm } from './vm/measure-in-vm.ts'
import { original } from './vm/original.ts'

const script = fileURLToPath(new URL('./policy-run.js', import.meta.url))
const rounds = 5
const operations = 1000

type Operation = keyof typeof original.instructions.hooks

/** Operations by policy, with the goal as a share of the original's added time. */
const goals: readonly { policy: number; operation: Operation; share: number }[] = [
  { policy: 0, operation: 'open', share: 5 },
  { policy: 0, operation: 'open in namespace', share: 3 },
  { policy: 0, operation: 'open elsewhere in namespace', share: 5 },
  { policy: 0, operation: 'write of a followed file', share: 3 },
  { policy: 1, operation: 'connect', share: 3 },
  { policy: 1, operation: 'send', share: 3 },
]

/** The walk-through's policies in instructions, compared with the original. */
export const vmPolicies: Benchmark = {
  name: 'vm-policies',
  summary: 'operations that the walk-through policies hook, counted in instructions',
  needsVm: true,
  async run(context) {
    const results = await measureInVm<PolicyResults>(context, {
      script,
      args: [rounds, operations],
      marker: policyMarker,
      icount: true,
    })
    const { hooks, loadMs } = original.instructions
    const rows = goals.map(({ policy, operation, share }) => {
      const measured = results.policies[policy]
      const most = hooks[operation] / share
      const more = added(results, measured, operation)
      return [
        `${operation}, ${basename(measured.path)}`,
        figure(median(results.plain.map((round) => round[operation].cpuUs))),
        figure(more),
        figure(hooks[operation]),
        goal(`at most ${figure(most)}`, more <= most),
      ]
    })
    const loads = results.policies.slice(0, 2).map(({ path, loads }, i) => {
      const ms = median(loads.map((load) => load.ms))
      const theirs = i === 0 ? loadMs.b : loadMs.c
      return [
        basename(path),
        figure(ms),
        figure(theirs),
        goal(`at most ${figure(theirs / 10)}`, ms <= theirs / 10),
      ]
    })
    return {
      tables: [
        {
          title: `Linux ${context.kernel}, 1 CPU, 1 ns = 1 instruction: CPU time of one operation, µs`,
          head: ['operation, policy', 'without', 'added', 'added by Tetragon 1.5.0', 'goal'],
          rows,
        },
        { title: 'Loading', head: ['policy', 'ms', 'Tetragon', 'goal'], rows: loads },
      ],
      notes: [],
    }
  },
}
