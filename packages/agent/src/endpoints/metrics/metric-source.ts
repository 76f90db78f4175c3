import type { TracingPolicyStatus } from '@tetragon-ts/api'
import type { Collection } from '@tetragon-ts/ebpf/lang'
import type { LossKind, WaitingLimits } from '@tetragon-ts/sensors'
import type { ProcessSensor } from '@tetragon-ts/sensors/process'
import type { LoadedPolicy } from '../../policies/kernel/loaded-policy.ts'
import type { Counters } from '../../reader/counters.ts'
import type { PipelineTotals } from '../../reader/protocol.ts'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import type { PodWatchCounts } from '../../workloads/sources/kubernetes/pod-watch.ts'
import type { ClientStatistics } from '../grpc/services/event-streams.ts'

/** What metrics are about: the agent, as far as it is measured. */
export interface MeasuredAgent {
  readonly reader: ReaderThread
  readonly counters: Counters
  readonly sensor: ProcessSensor
  readonly loadedPolicies: readonly LoadedPolicy[]
  /** Programs and maps that serve several policies. */
  readonly sharedByPolicies: readonly Collection[]
  /** Bytes. */
  readonly ringSize: number
  /** Processes that the kernel side can know at a time. */
  readonly processTableSize: number
  readonly waiting: WaitingLimits
  /** Undefined if the API server is not asked. */
  readonly podWatch?: { readonly counts: PodWatchCounts } | undefined
  losses(): Readonly<Record<LossKind, number>>
  possiblyMissed(): number
}

/** What metrics are read from, at one moment. */
export interface MetricSource {
  readonly version: string
  readonly nodeName: string
  readonly agent: MeasuredAgent
  readonly totals: PipelineTotals
  readonly policies: readonly TracingPolicyStatus[]
  /** Undefined without a server. */
  readonly clients: ClientStatistics | undefined
}
