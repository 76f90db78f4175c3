import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { ExecIds } from '../processes/exec-ids.ts'
import type { ProcessCache } from '../processes/process-cache.ts'
import type { Containers } from '../workloads/containers.ts'
import type { EventBuffer } from './event-buffer.ts'
import type { EventContent } from './event-content.ts'
import type { EventCounts } from './event-counts.ts'
import type { ExportStage } from './export/export-stage.ts'
import type { Redaction } from './export/redaction.ts'
import type { WallClock } from './json/wall-clock.ts'

/** What turning records into events needs. */
export interface EventContext {
  readonly out: EventBuffer
  readonly clock: WallClock
  readonly cache: ProcessCache
  readonly containers: Containers
  readonly execIds: ExecIds
  /** `"node_name":"…"`, and the cluster's name if it is told, as JSON in latin1. */
  readonly nodeField: string
  readonly content: EventContent
  readonly procfs: string
  /** Undefined while nobody wants events counted. */
  readonly counts?: EventCounts | undefined
  /** Undefined while everything is exported as it is. */
  readonly stage?: ExportStage | undefined
  /** Undefined while nothing is to be hidden. */
  readonly redaction?: Redaction | undefined
  /** Names of the environment variables to show; undefined: all. */
  readonly variables?: ReadonlySet<string> | undefined
  /** Undefined: what is usual. */
  readonly waiting?: WaitingLimits | undefined
}
