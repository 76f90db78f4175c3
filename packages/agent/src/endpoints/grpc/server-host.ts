import type {
  DumpProcessCacheReqArgs,
  GetInfoResponse,
  HealthStatus,
  KernelMap,
  KernelProgram,
  PolicyText,
  ProcessInternal,
  TableEntry,
  TracingPolicyStatus,
} from '@tetragon-ts/api'
import type { Log } from '../../log/log.ts'
import type { ToldContent } from '../../reader/event-content.ts'

// What the server asks of the agent. Everything that takes time is a promise and all values are
// plain data, so that server and agent need not share a thread.

/** Which policy: a name may occur once in each namespace of each domain. */
export interface PolicyId {
  readonly name: string
  /** Empty: a policy of the whole node. */
  readonly namespace: string
  /** Who manages it, such as `grpc`. */
  readonly domain: string
}

/** Whether a policy's actions that enforce do what they say, or are only counted. */
export type PolicyMode = 'enforce' | 'monitor'

/** What can be changed of a policy that is there. */
export interface PolicyChange {
  readonly enable?: boolean
  readonly mode?: PolicyMode
}

/** Policies at run time. Every method throws RequestError. */
export interface PolicyControl {
  /**
   * Loads the policy of a text. One of the same id must not be there, but for one that failed.
   * @param replace the text takes the place of one that is there, without a gap; if that fails, the
   *   old one stays
   */
  add(yaml: string, domain: string, replace?: boolean): Promise<void>
  remove(id: PolicyId): Promise<void>
  configure(id: PolicyId, change: PolicyChange): Promise<void>
  /** All, or those of one domain. */
  list(domain?: string): Promise<TracingPolicyStatus[]>
  domains(): Promise<string[]>
  /** The texts of all. */
  texts(): Promise<PolicyText[]>
}

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

/** Rotation of the export file. */
export interface EventLogControl {
  get(): { maxSizeMb: number; rotationInterval: string; maxBackups: number }
  /** Changes what is defined. @throws RequestError: then nothing was changed */
  set(change: {
    maxSizeMb?: number | undefined
    rotationInterval?: string | undefined
    maxBackups?: number | undefined
  }): void
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
  /** What these events tell. */
  readonly told: ToldContent
  /** Undefined while events do not go to a file. */
  readonly eventLog?: EventLogControl | undefined
  health(): Promise<HealthStatus>
  info(): Promise<GetInfoResponse>
  processes(request: DumpProcessCacheReqArgs): Promise<ProcessInternal[]>
  readonly kernel: KernelInspection
}
