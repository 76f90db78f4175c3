import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { OutputStatus } from '@tetragon-ts/outputs'
import type { MetricOutputStatus } from '@tetragon-ts/outputs/metrics'
import type { ClassCounts } from '@tetragon-ts/outputs/queue'
import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { ProcessSensor } from '@tetragon-ts/sensors/process'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { Log } from '../log/log.ts'
import type { KernelFile } from '../policies/kernel/kernel-file.ts'
import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import type { PolicyControl } from '../policies/registry/policy-control.ts'
import type { EventDetail } from '../reader/event-content.ts'
import type { LossSource } from '../reader/losses.ts'
import type { ReaderThread } from '../reader/reader-thread.ts'
import type { RuleControl } from '../rules/rule-control.ts'
import type { DeclaredPod } from '../workloads/pod-text.ts'
import type { RuntimeLookupCounts } from '../workloads/sources/cri/runtime-lookups.ts'
import type { PodWatchCounts } from '../workloads/sources/kubernetes/pod-watch.ts'

/** The agent as endpoints see it. */
export interface ServedAgent extends LossSource {
  readonly reader: ReaderThread
  readonly sensor: ProcessSensor
  readonly loadedPolicies: readonly LoadedPolicy[]
  /** Programs and maps that serve several policies. */
  readonly sharedByPolicies: readonly Collection[]
  /** The optional content of events. */
  readonly eventDetail: EventDetail
  /** Bytes. */
  readonly ringSize: number
  /** Size of the kernel's process table. */
  readonly processTableSize: number
  readonly waiting: WaitingLimits
  /** Gets containers that their runtime reports. */
  readonly workloadSources: { addContainer(created: DeclaredPod): Promise<void> }
  /** Undefined: pods are not watched in the API server. */
  readonly podWatch?: { readonly counts: PodWatchCounts } | undefined
  /** Undefined: the socket of the container runtime is not asked. */
  readonly runtimeLookups?: { readonly counts: RuntimeLookupCounts } | undefined
  describeKernel(): Promise<KernelFile>
  /** Fulfilled when no more events are created; rejected when the reader failed. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
}

/** Value of an option for clients: a number, a boolean, a list, or text. */
export type SettingValue = string | boolean | number | readonly string[]

/** The daemon as endpoints see it. */
export interface EndpointHost {
  readonly version: string
  readonly nodeName: string
  /** Values of options by name. */
  readonly settings: Readonly<Record<string, SettingValue>>
  readonly log: Log
  readonly agent: ServedAgent
  /** The policies of all sources. Their code is loaded on first use. */
  policies(): Promise<PolicyControl>
  readonly rules: RuleControl
  /** Names of policies of files that are not in force as their files say. */
  failedPolicies(): readonly string[]
  /** State of the outputs of events. */
  outputs(): Promise<readonly OutputStatus[]>
}

/** What an endpoint knows of all endpoints. */
export interface OtherEndpoints {
  /** Event clients; undefined: no endpoint sends events. */
  clients(): ClientStatistics | undefined
  /** State of the outputs of metrics. */
  metricOutputs(): readonly MetricOutputStatus[]
}

/** Clients that receive events, and events queued for them. */
export interface ClientStatistics {
  readonly clients: number
  /** Number of queued events. */
  readonly waiting: number
  /** Events lost by slow clients since the start, by class, including disconnected ones. */
  readonly lost: ClassCounts
  /** Events not sent to clients that caused them, since the start. */
  readonly own: number
}

/** A running endpoint. */
export interface RunningEndpoint {
  /** Its addresses; empty: none. */
  readonly addresses: readonly ListenAddress[]
  /** Messages for the log, such as `serving metrics on http://localhost:2112/metrics`. */
  readonly notice?: string | undefined
  /** Set by an endpoint that sends events. */
  statistics?(): ClientStatistics
  /** Set by the endpoint that pushes metrics. */
  metricOutputs?(): readonly MetricOutputStatus[]
  /** Ends all calls, within a time limit, and releases the addresses. */
  close(): Promise<void>
  /** Whether a client keeps the process alive after that. */
  readonly isStuck?: boolean
}

/** An interface of the agent for clients. */
export interface Endpoint<Options> {
  /**
   * Whether it is closed before the agent stops, because it needs the reader for that. Others are
   * closed afterwards: their clients get the last events.
   */
  readonly closesBeforeAgent: boolean
  /** @throws AgentError AGENT_SERVER, AGENT_FILE, AGENT_OPTION; then nothing of it remains */
  start(options: Options, host: EndpointHost, others: OtherEndpoints): Promise<RunningEndpoint>
}
