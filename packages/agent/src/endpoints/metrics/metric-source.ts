import type { TracingPolicyStatus } from '@tetragon-ts/api'
import type { OutputStatus } from '@tetragon-ts/outputs'
import type { MetricOutputStatus } from '@tetragon-ts/outputs/metrics'
import type { Collector as CollectorOf } from '@tetragon-ts/service/metrics'
import type { PipelineTotals } from '../../reader/protocol.ts'
import type { ClientStatistics, ServedAgent } from '../endpoint.ts'

/** Sources of all metrics at one time. */
export interface MetricSource {
  readonly version: string
  readonly nodeName: string
  readonly agent: ServedAgent
  readonly totals: PipelineTotals
  readonly outputs: readonly OutputStatus[]
  readonly metricOutputs: readonly MetricOutputStatus[]
  readonly policies: readonly TracingPolicyStatus[]
  /** Undefined without a server. */
  readonly clients: ClientStatistics | undefined
}

/** Metrics of the agent, collected for each request. */
export type Collector = CollectorOf<MetricSource>
