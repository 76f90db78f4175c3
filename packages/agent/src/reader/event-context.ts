import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { ExecIds } from '../processes/process.ts'
import type { ProcessCache } from '../processes/process-cache.ts'
import type { Containers } from '../workloads/containers.ts'
import type { Pods } from '../workloads/pods.ts'
import type { PolicySets } from '../workloads/policy-sets/policy-sets.ts'
import type { EventContent } from './event-content.ts'
import type { EventCounts } from './event-counts.ts'
import type { ExportStage } from './export/export-stage.ts'
import type { Redaction } from './export/redaction.ts'
import type { Findings } from './findings/findings.ts'
import type { Envelope, EventBuffer } from './json/event-lines.ts'

/** State that is shared by the handlers that turn records into events. */
export interface EventContext extends Envelope {
  readonly out: EventBuffer
  readonly cache: ProcessCache
  readonly containers: Containers
  /** Undefined: pods are unknown. */
  readonly pods?: Pods | undefined
  /** Undefined: policies cannot select workloads. */
  readonly policySets?: PolicySets | undefined
  /** Milliseconds that hits wait for the pod of their process; undefined: the default. */
  readonly podWaitMs?: number | undefined
  readonly execIds: ExecIds
  readonly content: EventContent
  readonly procfs: string
  /** Undefined if events are not counted. */
  readonly counts?: EventCounts | undefined
  /** Undefined if all events are exported unchanged. */
  readonly stage?: ExportStage | undefined
  /** Undefined: there are never detection rules. */
  readonly findings?: Findings | undefined
  /** Undefined if nothing is redacted. */
  readonly redaction?: Redaction | undefined
  /** Names of the environment variables to show; undefined: all. */
  readonly variables?: ReadonlySet<string> | undefined
  /** Undefined: the default. */
  readonly waiting?: WaitingLimits | undefined
}
