import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import type { Agent } from './agent.ts'
import { formatRows, kernelFeatures } from './kernel-features.ts'

/** Summary of the kernel's features and of what the agent uses. */
export function startupReport(agent: Agent, startMs: number): string {
  const { collection, ring } = agent.sensor
  const programs = collection.programs
    .filter(({ fd }) => !fd.closed)
    .map((program) => `${program.name} ${program.info().instructions}`)
  const maps = [...collection.maps.values()].filter((map) => map !== ring)
  const mapBytes = maps.reduce((sum, map) => sum + (map.memory() ?? 0), 0)
  const { hierarchy } = agent
  const rows: (readonly [string, string])[] = [
    ['programs', `${[...new Set(programs)].join(', ')} instructions`],
    ['maps', `${size(mapBytes)}; ring buffer ${size(ring.memory() ?? agent.ringSize)}`],
    ['containers', hierarchy.version === 2 ? 'cgroup v2' : `cgroup v1 (${hierarchy.name})`],
    ['processes', `${agent.counters.get('liveProcesses') - 1} discovered`],
    ...agent.loadedPolicies.map((policy) => ['policy', describePolicy(policy)] as const),
    ['ready', `in ${Math.round(startMs)} ms`],
  ]
  return kernelFeatures() + formatRows(rows)
}

/** A policy's name with its hooks and their back ends. */
function describePolicy({ compiled }: LoadedPolicy): string {
  const { name, loader } = compiled.document.policy
  const hooks = compiled.hooks.map(
    ({ planned }) => `${planned.hook.call || planned.hook.list} (${planned.plan.backend})`,
  )
  return `${name}: ${[...hooks, ...(loader ? ['loader (perf events)'] : [])].join(', ')}`
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`
}
