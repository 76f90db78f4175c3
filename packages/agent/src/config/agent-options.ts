import { hostname } from 'node:os'
import { possibleCpus } from '@tetragon-ts/ebpf/maps'
import { pageSize } from '@tetragon-ts/ebpf/sys'
import {
  defaultProcessTableSize,
  defaultRingSize,
  ProcessEntry,
  waitingLimits,
} from '@tetragon-ts/sensors'
import type { ToldContent } from '../reader/event-content.ts'
import type { CountingOptions } from '../reader/event-counts.ts'
import type { ReaderOptions } from '../reader/protocol.ts'
import type { KubernetesOptions } from '../workloads/sources/kubernetes/pod-watch.ts'
import { eventContent } from './event-content.ts'
import { exportOptions, sinkOptions } from './export-options.ts'
import type { Settings } from './families/index.ts'
import { ringSizeOf } from './ring-size.ts'
import { readSettings } from './settings.ts'
import { readCommandLine } from './sources/command-line.ts'

/** What an agent is to do. */
export interface AgentOptions extends ReaderOptions, ToldContent {
  /** Path of the kernel's BTF. */
  readonly btf: string
  /** Processes that the kernel side can know at a time. */
  readonly processTableSize: number
  /** Whether one link may attach to many functions. */
  readonly kprobeMulti: boolean
  readonly pidFile: string
  /** Undefined: the API server is not asked. */
  readonly kubernetes: KubernetesOptions | undefined
  /** Files and folders with policies to load at the start. */
  readonly policies: readonly string[]
}

/** What a command line alone asks of an agent. @throws AgentError AGENT_OPTION */
export function agentOptionsOf(argv: readonly string[], env: NodeJS.ProcessEnv = {}): AgentOptions {
  return agentOptions(readSettings(readCommandLine(argv)), env)
}

/** What the agent itself is to do. */
export function agentOptions(settings: Settings, env: NodeJS.ProcessEnv): AgentOptions {
  return {
    sink: sinkOptions(settings),
    export: exportOptions(settings),
    redaction: given(settings['redaction-filters']),
    variables: given(settings['filter-environment-variables']),
    nodeName: env.HUBBLE_NODE_NAME || env.NODE_NAME || hostname(),
    procfs: settings.procfs.replace(/\/+$/, '') || '/',
    btf: settings.btf || '/sys/kernel/btf/vmlinux',
    ringSize: ringSizeOf(wantedRingSize(settings), pageSize),
    processTableSize: processTableSize(settings),
    kprobeMulti: !settings['disable-kprobe-multi'],
    counting: countingOptions(settings),
    latencies: isMeasured(settings) && settings['enable-msg-handling-latency'],
    environment: settings['enable-process-environment-variables'],
    content: eventContent(settings),
    waiting: {
      // Each CPU may be about to send a record.
      values: settings['data-cache-size'] || Math.max(waitingLimits.values, 2 * possibleCpus()),
      calls: settings['retprobes-cache-size'] || waitingLimits.calls,
    },
    kubernetes: settings['enable-k8s-api']
      ? {
          kubeconfig: settings['k8s-kubeconfig-path'],
          nodeName: env.NODE_NAME || env.HUBBLE_NODE_NAME || hostname(),
          annotations: settings['enable-pod-annotations'],
        }
      : undefined,
    deletedPods: settings['deleted-pod-cache-size'],
    pidFile: settings['pid-file'],
    policies: [
      ...settings['tracing-policy'],
      ...[settings['tracing-policy-dir']].filter((folder) => folder !== ''),
    ],
  }
}

function isMeasured(settings: Settings): boolean {
  return settings['metrics-server'] !== undefined
}

/** Without anybody who asks, nothing is counted by event. */
function countingOptions(settings: Settings): CountingOptions | undefined {
  if (!isMeasured(settings) || !settings['enable-event-metrics']) return undefined
  return { binary: settings['metrics-label-filter'].includes('binary') }
}

function wantedRingSize(settings: Settings): number {
  const each = settings['rb-size']
  if (each > 0) return each * possibleCpus()
  return settings['rb-size-total'] || defaultRingSize
}

function processTableSize(settings: Settings): number {
  const bytes = settings['execve-map-size']
  if (bytes > 0) return Math.max(1, Math.floor(bytes / ProcessEntry.size))
  return settings['execve-map-entries'] || defaultProcessTableSize
}

function given<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values
}
