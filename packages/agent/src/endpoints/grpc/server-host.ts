import type {
  DumpProcessCacheReqArgs,
  GetInfoResponse,
  KernelMap,
  KernelProgram,
  ProcessInternal,
  QueueFill,
  TableEntry,
} from '@tetragon-ts/api'
import type { OutputStatus } from '@tetragon-ts/outputs'
import type { MetricOutputStatus } from '@tetragon-ts/outputs/metrics'
import type { ClassCounts } from '@tetragon-ts/outputs/queue'
import type { Log } from '../../log/log.ts'
import type { KernelFile } from '../../policies/kernel/kernel-file.ts'
import type { PolicyControl } from '../../policies/registry/policy-control.ts'
import type { EventDetail } from '../../reader/event-content.ts'
import type { FindingTotals } from '../../reader/findings/finding-totals.ts'
import type { EventLogControl } from '../../reader/outputs/export-file.ts'
import type { RuleControl } from '../../rules/rule-control.ts'
import type { DeclaredPod } from '../../workloads/pod-text.ts'
import type { ListedWorkload } from '../../workloads/policy-sets/listed-workload.ts'
import type { HealthSource } from '../health/agent-health.ts'

// The server's complete view of the agent. Slow operations are promises and all values are plain
// data, so that server and agent need not share a thread. Tests of the server implement it without
// a kernel and without root; AgentHost implements it with what every endpoint gets.

/** Receives events. */
export interface EventReceiver {
  /**
   * Whole messages of GetEventsResponse, each framed with its class; the receiver owns the memory.
   */
  messages(chunk: Buffer): void
  /** The number of events lost at about this position, by class. */
  lost(counts: ClassCounts): void
  /** Whether it is full: then events wait at their source, if possible. */
  readonly isFull: boolean
}

/** A subscription. */
export interface EventSubscription {
  /** Fulfilled when all later events will be received. */
  readonly begun: Promise<void>
  /** The receiver accepts events again. */
  resume(): void
  close(): void
}

/** Source of events. */
export interface EventSource {
  /** Starts to deliver events. */
  open(receiver: EventReceiver): EventSubscription
  /** Events that wait for the receiver. */
  readonly queue: QueueFill
}

/** System calls of a process, by name. */
export interface CallCount {
  readonly pid: number
  readonly name: string
  readonly count: number
}

/** Counts system calls until it is disposed. */
export interface CallCounter extends Disposable {
  /** Counts since the last call, and the number of calls that did not fit. */
  take(): { counts: readonly CallCount[]; uncounted: number }
}

/** Kernel objects of the agent. */
export interface KernelInspection {
  programs(): KernelProgram[]
  maps(): KernelMap[]
  /** Enables run statistics of programs until it is disposed. */
  countRuns(): Disposable
  processTable(): { entries: TableEntry[]; maxEntries: number }
  /** Losses by kind since the start of the agent. */
  losses(): Readonly<Record<string, number>>
  /** The kernel, described for checks of policies elsewhere. */
  describe(): Promise<KernelFile>
  /** @throws Error if the kernel refuses the program */
  countCalls(): CallCounter
}

/** The export file, as the source of past events. */
export interface PastSource {
  readonly path: string
  /** Fulfilled when it has the events so far. */
  flushed(): Promise<void>
}

/** The agent as the server sees it. */
export interface ServerHost extends HealthSource {
  readonly version: string
  readonly nodeName: string
  /** When the agent was started, in milliseconds since 1970. */
  readonly startedAt: number
  readonly log: Log
  readonly policies: PolicyControl
  readonly rules: RuleControl
  /** Numbers of findings since the start. */
  findings(): Promise<FindingTotals>
  readonly events: EventSource
  /** Optional content of the events. */
  readonly eventDetail: EventDetail
  /** Undefined if events do not go to a file. */
  readonly eventLog?: EventLogControl | undefined
  /** Undefined if no events are kept. */
  readonly past?: PastSource | undefined
  /** State of the outputs of events. */
  outputs(): Promise<readonly OutputStatus[]>
  /** State of the outputs of metrics. */
  metricOutputs(): readonly MetricOutputStatus[]
  info(): Promise<GetInfoResponse>
  /** Number of records that the reader has read, and its queues. */
  reader(): { readonly records: number; readonly queues: readonly QueueFill[] }
  processes(request: DumpProcessCacheReqArgs): Promise<ProcessInternal[]>
  /**
   * Adds a container that the runtime is creating. Fulfilled when its events have the pod, and the
   * kernel has decided which policies apply to it, as far as its labels are known.
   */
  addContainer(created: DeclaredPod): Promise<void>
  /** Containers and the sets of workloads that they belong to, with these labels of pods. */
  workloads(labels: readonly string[]): Promise<readonly ListedWorkload[]>
  readonly kernel: KernelInspection
}
