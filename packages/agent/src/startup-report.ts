import { release } from 'node:os'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import type { Agent } from './agent.ts'

/** Features that are worth a word at start, in groups. */
const groups: readonly (readonly [string, readonly FeatureName[]])[] = [
  ['tracing', ['raw_tp', 'tp_btf', 'tracepoint', 'iterator']],
  ['functions', ['fentry', 'fexit', 'kprobe', 'kprobe_multi', 'uprobe', 'uprobe_multi']],
  ['enforcement', ['lsm', 'fmod_ret', 'send_signal', 'cgroup']],
  ['helpers', ['ring_buffer', 'bpf_loop', 'task_storage', 'batch_operations']],
]

const marks = { yes: '', no: 'no ', unknown: 'unknown: ' } as const

/** One screen on what this kernel offers and what the agent uses of it. */
export function startupReport(agent: Agent, startMs: number): string {
  const { collection, ring } = agent.sensor
  const programs = collection.programs
    .filter(({ fd }) => !fd.closed)
    .map((program) => `${program.name} ${program.info().instructions}`)
  const maps = [...collection.maps.values()].filter((map) => map !== ring)
  const mapBytes = maps.reduce((sum, map) => sum + (map.memory() ?? 0), 0)
  const { hierarchy } = agent
  const rows = [
    ['kernel', `Linux ${release()} ${process.arch}`],
    ...groups.map(([name, features]) => [name, features.map(describe).join(', ')]),
    ['programs', `${[...new Set(programs)].join(', ')} instructions`],
    ['maps', `${size(mapBytes)}; ring buffer ${size(ring.memory() ?? agent.ringSize)}`],
    ['containers', hierarchy.version === 2 ? 'cgroup v2' : `cgroup v1 (${hierarchy.name})`],
    ['processes', `${agent.counters.get('liveProcesses') - 1} taken in`],
    ['ready', `in ${Math.round(startMs)} ms`],
  ]
  return `${rows.map(([name, text]) => `  ${name.padEnd(13)}${text}`).join('\n')}\n`
}

function describe(feature: FeatureName): string {
  return `${marks[probe(feature).answer]}${feature}`
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`
}
