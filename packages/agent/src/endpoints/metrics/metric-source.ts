import type { TracingPolicyStatus } from '@tetragon-ts/api'
import type { Collection } from '@tetragon-ts/ebpf/lang'
import type { LossKind, WaitingLimits } from '@tetragon-ts/sensors'
import type { ProcessSensor } from '@tetragon-ts/sensors/process'
import type { LoadedPolicy } from '../../policies/kernel/loaded-policy.ts'
import type { Counters } from '../../reader/counters.ts'
import type { PipelineTotals } from '../../reader/protocol.ts'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import type { ClientStatistics } from '../grpc/services/event-streams.ts'

/** The measured agent. */
export interface MeasuredAgent {
  readonly reader: ReaderThread
  readonly counters: Counters
  readonly sensor: ProcessSensor
  readonly loadedPolicies: readonly LoadedPolicy[]
  /** Programs and maps that serve several policies. */
  readonly sharedByPolicies: readonly Collection[]
  /** Bytes. */
  readonly ringSize: number
  /** Size of the kernel's process table. */
  readonly processTableSize: number
  readonly waiting: WaitingLimits
  losses(): Readonly<Record<LossKind, number>>
  possiblyMissed(): number
}

/** Sources of all metrics at one time. */
export interface MetricSource {
  readonly version: string
  readonly nodeName: string
  readonly agent: MeasuredAgent
  readonly totals: PipelineTotals
  readonly policies: readonly TracingPolicyStatus[]
  /** Undefined without a server. */
  readonly clients: ClientStatistics | undefined
}
