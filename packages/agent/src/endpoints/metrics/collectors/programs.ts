import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { Hook } from '@tetragon-ts/ebpf/lang'
import { counter } from '@tetragon-ts/service/metrics'
import type { LoadedPolicy } from '../../../policies/kernel/loaded-policy.ts'
import type { Collector } from '../metric-source.ts'

const labels = ['policy', 'policy_namespace', 'sensor', 'section', 'attach'] as const

const runs = counter('tetragon_overhead_program_runs_total', 'Runs of a program', ...labels)
const seconds = counter('tetragon_overhead_program_seconds_total', 'Time in a program', ...labels)
const missed = counter(
  'tetragon_missed_prog_probes_total',
  'Runs that the kernel skipped because a program was already running on the CPU',
  'policy',
  'attach',
)

interface Costs {
  readonly labels: readonly string[]
  runs: number
  ns: number
  missed: number
}

/** Kernel statistics of each program; its instances are summed. */
export const programs: Collector = {
  metrics: [runs, seconds, missed],
  collect({ agent }, emit) {
    const costs = new Map<string, Costs>()
    add(costs, agent.sensor.collection, ['__base__', '', '__base__'])
    for (const collection of agent.sharedByPolicies) {
      add(costs, collection, ['__shared__', '', '__shared__'])
    }
    for (const policy of agent.loadedPolicies) addPolicy(costs, policy)
    const missedAt = new Map<string, { policy: string; attach: string; count: number }>()
    for (const each of costs.values()) {
      emit(runs, each.runs, ...each.labels)
      emit(seconds, each.ns / 1e9, ...each.labels)
      const [policy, , , , attach] = each.labels
      const at = missedAt.get(`${policy} ${attach}`) ?? { policy, attach, count: 0 }
      at.count += each.missed
      missedAt.set(`${policy} ${attach}`, at)
    }
    for (const { policy, attach, count } of missedAt.values()) emit(missed, count, policy, attach)
  },
}

function addPolicy(costs: Map<string, Costs>, { compiled, collection }: LoadedPolicy): void {
  const { name, namespace, hooks } = compiled.document.policy
  const sections = [...new Set(hooks.map(({ section }) => section.replace(/s$/, '')))]
  add(costs, collection, [name, namespace, sections.map((each) => `generic_${each}`).join(',')])
}

function add(costs: Map<string, Costs>, collection: Collection, owner: readonly string[]): void {
  for (const { program, source } of collection.loaded) {
    // It only reports processes from before the start.
    if (program.fd.closed) continue
    const key = [...owner, program.name, attachPoint(source.hook)]
    const id = JSON.stringify(key)
    const sum = costs.get(id) ?? { labels: key, runs: 0, ns: 0, missed: 0 }
    const { runCount, runTimeNs, recursionMisses } = program.info()
    sum.runs += Number(runCount)
    sum.ns += Number(runTimeNs)
    sum.missed += Number(recursionMisses)
    costs.set(id, sum)
  }
}

/** Attach point of a program. A list of functions is too long for a label. */
function attachPoint({ kind, target }: Hook): string {
  return target.length <= 128 ? target : `${kind} (${target.split(',').length})`
}
