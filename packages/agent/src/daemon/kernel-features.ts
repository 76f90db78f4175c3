import { release } from 'node:os'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'

/** Features to show, in groups. */
const groups: readonly (readonly [string, readonly FeatureName[]])[] = [
  ['tracing', ['raw_tp', 'tp_btf', 'tracepoint', 'iterator']],
  ['functions', ['fentry', 'fexit', 'kprobe', 'kprobe_multi', 'uprobe', 'uprobe_multi']],
  ['enforcement', ['lsm', 'fmod_ret', 'send_signal', 'cgroup', 'fanotify']],
  ['helpers', ['ring_buffer', 'bpf_loop', 'task_storage', 'batch_operations']],
]

const marks = { yes: '', no: 'no ', unknown: 'unknown: ' } as const

/** Features of this kernel, found by probing: rows of a name and a text. */
export function kernelFeatures(): string {
  return formatRows([
    ['kernel', `Linux ${release()} ${process.arch}`],
    ...groups.map(([name, features]) => [name, features.map(describe).join(', ')] as const),
  ])
}

/** Lines of two columns. */
export function formatRows(rows: readonly (readonly [string, string])[]): string {
  return `${rows.map(([name, text]) => `  ${name.padEnd(13)}${text}`).join('\n')}\n`
}

function describe(feature: FeatureName): string {
  return `${marks[probe(feature).answer]}${feature}`
}
