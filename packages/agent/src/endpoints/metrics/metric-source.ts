import type { TracingPolicyStatus } from '@tetragon-ts/api'
import type { Agent } from '../../daemon/agent.ts'
import type { PipelineTotals } from '../../reader/pipeline.ts'
import type { ClientStatistics } from '../grpc/services/event-streams.ts'

/** What metrics are read from, at one moment. */
export interface MetricSource {
  readonly version: string
  readonly nodeName: string
  readonly agent: Agent
  readonly totals: PipelineTotals
  readonly policies: readonly TracingPolicyStatus[]
  /** Undefined without a server. */
  readonly clients: ClientStatistics | undefined
}
