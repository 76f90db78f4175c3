import type {
  DumpProcessCacheReqArgs,
  GetInfoResponse,
  HealthStatus,
  KernelMap,
  KernelProgram,
  ProcessInternal,
  TableEntry,
} from '@tetragon-ts/api'
import type { Log } from '../../log/log.ts'
import type { PolicyControl } from '../../policies/registry/policy-control.ts'
import type { EventDetail } from '../../reader/event-content.ts'
import type { EventLogControl } from '../../reader/outputs/export-file.ts'

// What the server asks of the agent. Everything that takes time is a promise and all values are
// plain data, so that server and agent need not share a thread.

/** Takes events. */
export interface EventReceiver {
  /** Whole messages of GetEventsResponse, each framed; the memory is the receiver's. */
  messages(chunk: Buffer): void
  /** So many events are missing, from about here. */
  lost(count: number): void
  /**
   * Whether it would rather not get more now: then events wait where they come from, if they can.
   */
  readonly isFull: boolean
}

/** Events on their way. */
export interface EventSubscription {
  /** Fulfilled when every event that happens from then on will come. */
  readonly begun: Promise<void>
  /** The receiver is not full any more. */
  resume(): void
  close(): void
}

/** Where events come from. */
export interface EventSource {
  /** Begins to hand over events. */
  open(receiver: EventReceiver): EventSubscription
}

/** System calls of one name that a process made. */
export interface CallCount {
  readonly pid: number
  readonly name: string
  readonly count: number
}

/** Counts system calls while it lives. */
export interface CallCounter extends Disposable {
  /** What was counted since the last time, and how many calls found no room. */
  take(): { counts: readonly CallCount[]; uncounted: number }
}

/** What the agent has in the kernel. */
export interface KernelInspection {
  programs(): KernelProgram[]
  maps(): KernelMap[]
  /** Has the kernel count runs of programs until it is disposed. */
  countRuns(): Disposable
  processTable(): { entries: TableEntry[]; maxEntries: number }
  /** What was lost, by kind, since the agent started. */
  losses(): Readonly<Record<string, number>>
  /** @throws Error if the kernel refuses the program */
  countCalls(): CallCounter
}

/** The agent as the server sees it. */
export interface ServerHost {
  readonly version: string
  readonly nodeName: string
  readonly log: Log
  readonly policies: PolicyControl
  readonly events: EventSource
  /** Optional content of these events. */
  readonly eventDetail: EventDetail
  /** Undefined while events do not go to a file. */
  readonly eventLog?: EventLogControl | undefined
  health(): Promise<HealthStatus>
  info(): Promise<GetInfoResponse>
  processes(request: DumpProcessCacheReqArgs): Promise<ProcessInternal[]>
  readonly kernel: KernelInspection
}
