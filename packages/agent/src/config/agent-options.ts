import { dirname, resolve } from 'node:path'
import { pageSize, possibleCpus } from '@tetragon-ts/ebpf/sys'
import type { Abilities } from '@tetragon-ts/policy'
import {
  defaultProcessTableSize,
  defaultRingSize,
  ProcessEntry,
  waitingLimits,
} from '@tetragon-ts/sensors'
import { readCommandLine } from '@tetragon-ts/service/options'
import type { EventDetail } from '../reader/event-content.ts'
import type { LabelSelection } from '../reader/label-sets.ts'
import type { ReaderOptions } from '../reader/protocol.ts'
import type { RuntimeLookupOptions } from '../workloads/sources/cri/runtime-lookups.ts'
import type { KubernetesOptions } from '../workloads/sources/kubernetes/pod-watch.ts'
import type { NriOptions } from '../workloads/sources/nri/nri-plugin.ts'
import { agentTable } from './agent-table.ts'
import { eventContent } from './event-content.ts'
import { exportOptions, sinkOptions } from './export-options.ts'
import type { Settings } from './families/index.ts'
import { nodeNameOfApi, nodeNameOfEvents } from './node-names.ts'
import { abilities } from './policy-sources.ts'
import { ringSizeOf } from './ring-size.ts'
import { readSettings } from './settings.ts'

/** What becomes of the agent's programs when it ends. */
export interface PinOptions {
  /**
   * When they stay attached: however the agent ends, or only if another one is to replace it. A
   * signal that stops the agent detaches them in the second case.
   */
  readonly keeps: 'never' | 'restart' | 'always'
  /** Whether those of earlier agents end before the policies of this one are in force. */
  readonly releasesFirst: boolean
  /** Folder in the bpf file system. */
  readonly folder: string
}

/** Options of the agent. */
export interface AgentOptions extends ReaderOptions, EventDetail {
  /** Path of the kernel's BTF. */
  readonly btf: string
  /** Size of the kernel's process table. */
  readonly processTableSize: number
  /** Whether one link may attach to many functions. */
  readonly kprobeMulti: boolean
  readonly pidFile: string
  /** Receivers of events beside the export, each `NAME=URL`. */
  readonly outputs: readonly string[]
  /** Where outputs keep events until their receivers have accepted them. */
  readonly outputSpoolFolder: string
  /** Undefined: pods are not watched in the API server. */
  readonly kubernetes: KubernetesOptions | undefined
  /** Undefined: the socket of the container runtime is not asked. */
  readonly runtime: RuntimeLookupOptions | undefined
  /** Undefined: the agent is not a plugin of the runtime. */
  readonly nri: NriOptions | undefined
  /** Options that policies may require. */
  readonly abilities: Abilities
  /** Paths of executables on the host that enforcing actions spare. */
  readonly guarded: readonly string[]
  /** What becomes of programs when the agent ends. */
  readonly pins: PinOptions
}

/** Options of an agent from a command line only. @throws AgentError AGENT_OPTION */
export function agentOptionsOf(argv: readonly string[], env: NodeJS.ProcessEnv = {}): AgentOptions {
  return agentOptions(readSettings(readCommandLine(agentTable, argv)), env)
}

/** Options of the agent without those of its endpoints. */
export function agentOptions(settings: Settings, env: NodeJS.ProcessEnv): AgentOptions {
  return {
    sink: sinkOptions(settings),
    export: exportOptions(settings),
    redaction: given(settings['redaction-filters']),
    variables: given(settings['filter-environment-variables']),
    nodeName: nodeNameOfEvents(env),
    procfs: procfsOf(settings),
    btf: settings.btf || '/sys/kernel/btf/vmlinux',
    ringSize: ringSizeOf(requestedRingSize(settings), pageSize),
    processTableSize: processTableSize(settings),
    kprobeMulti: !settings['disable-kprobe-multi'],
    counting: countingOptions(settings),
    latencies: isMeasured(settings) && settings['enable-msg-handling-latency'],
    findingsPerMinute: settings['findings-per-minute'],
    environment: settings['enable-process-environment-variables'],
    content: eventContent(settings),
    waiting: {
      // One record in progress per CPU.
      values: settings['data-cache-size'] || Math.max(waitingLimits.values, 2 * possibleCpus()),
      calls: settings['retprobes-cache-size'] || waitingLimits.calls,
    },
    kubernetes: settings['enable-k8s-api']
      ? {
          kubeconfig: settings['k8s-kubeconfig-path'],
          nodeName: nodeNameOfApi(env),
          annotations: settings['enable-pod-annotations'],
          savedPath: resolve(dirname(settings['pid-file']), 'k8s-pods.json'),
        }
      : undefined,
    runtime: settings['enable-cri']
      ? {
          endpoint: settings['cri-endpoint'],
          procfs: procfsOf(settings),
          waitMs: podWaitMs(settings),
          annotations: settings['enable-pod-annotations'],
        }
      : undefined,
    nri: settings['enable-nri']
      ? {
          endpoint: settings['nri-endpoint'],
          procfs: procfsOf(settings),
          annotations: settings['enable-pod-annotations'],
        }
      : undefined,
    asksRuntime: settings['enable-cri'],
    deletedPods: settings['deleted-pod-cache-size'],
    podWaitMs: podWaitMs(settings),
    watchesPods: settings['enable-k8s-api'],
    abilities: abilities(settings),
    guarded: settings['guarded-executables'],
    pins: pinOptions(settings),
    pidFile: settings['pid-file'],
    outputs: settings.output,
    outputSpoolFolder: resolve(settings['output-spool-dir']),
  }
}

function pinOptions(settings: Settings): PinOptions {
  const ofRestart = settings['keep-sensors-on-restart']
  const keeps = settings['keep-sensors-on-exit'] ? 'always' : ofRestart ? 'restart' : 'never'
  // A hand-over has no gap.
  const releasesFirst = settings['release-pinned-bpf'] && !ofRestart
  return { keeps, releasesFirst, folder: settings['bpf-dir'] }
}

function procfsOf({ procfs }: Settings): string {
  return procfs.replace(/\/+$/, '') || '/'
}

/** Milliseconds that the pod of a process may be unknown. */
function podWaitMs(settings: Settings): number {
  return settings['event-cache-retries'] * settings['event-cache-retry-delay'] * 1000
}

function isMeasured(settings: Settings): boolean {
  return settings['metrics-server'] !== undefined || settings['metrics-output'].length > 0
}

/** Events are counted only if metrics are served or pushed. */
function countingOptions(settings: Settings): LabelSelection | undefined {
  if (!isMeasured(settings) || !settings['enable-event-metrics']) return undefined
  const selected = settings['metrics-label-filter'].map((each) => each.trim())
  return {
    namespace: selected.includes('namespace'),
    workload: selected.includes('workload'),
    pod: selected.includes('pod'),
    binary: selected.includes('binary'),
  }
}

function requestedRingSize(settings: Settings): number {
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
