import type { CallOf, HookDescription, UserRequest } from '@tetragon-ts/compiler/hooks'
import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { HeldDescriptors, LookupDescriptors } from '@tetragon-ts/sensors/process'
import type { PreparedRules } from '../rules/prepared-rules.ts'
import type { ActionStates } from '../rules/rule-actions.ts'
import type { PodChanges, PodFacts } from '../workloads/pod-facts.ts'
import type { DeclaredPod } from '../workloads/pod-text.ts'
import type { ContainerQuestions } from '../workloads/pods.ts'
import type { ListedWorkload } from '../workloads/policy-sets/listed-workload.ts'
import type { NumberedSelection } from '../workloads/policy-sets/policy-sets.ts'
import type { ContainerLabels } from '../workloads/sources/runtime-container.ts'
import type { EventContent } from './event-content.ts'
import type { EventTotals } from './event-counts.ts'
import type { OutputOptions } from './export/output-options.ts'
import type { FindingTotals } from './findings/finding-totals.ts'
import type { LateCount } from './handlers/late-counts.ts'
import type { LabelSelection } from './label-sets.ts'
import type { LatencyTotals } from './latencies.ts'
import type { SinkOptions } from './outputs/open-sink.ts'
import type { OutputLink } from './outputs/output-tap.ts'
import type { Rotation } from './outputs/sink.ts'

// Messages between the main thread and the reader's thread: objects with a `kind`.

/** Options of the reader. */
export interface ReaderOptions extends OutputOptions {
  /** Bytes; a power of two and a multiple of the page size. */
  readonly ringSize: number
  readonly sink: SinkOptions
  readonly nodeName: string
  readonly procfs: string
  readonly content: EventContent
  /** Undefined: events are not counted. */
  readonly counting?: LabelSelection | undefined
  /** Whether to measure the latency of each record. */
  readonly latencies?: boolean | undefined
  /** Undefined: the defaults. */
  readonly waiting?: WaitingLimits | undefined
  /** Maximum number of cached deleted pods; undefined: the default. */
  readonly deletedPods?: number | undefined
  /** Milliseconds that hits wait for the pod of their process; undefined: the default. */
  readonly podWaitMs?: number | undefined
  /** Whether pods of the API server are sent. */
  readonly watchesPods?: boolean | undefined
  /** Whether `setRules` follows after the start: events of that time wait for the rules. */
  readonly expectsRules?: boolean | undefined
  /** Findings of a rule for a container or user that events have in a minute. */
  readonly findingsPerMinute?: number | undefined
  /** Whether new containers are reported, to be looked up in the socket of the runtime. */
  readonly asksRuntime?: boolean | undefined
  /** The thread of the outputs; undefined: there are none. */
  readonly outputLink?: OutputLink | undefined
}

/**
 * Picks the options of the reader's thread from a larger object. An option that is missing here
 * does not compile.
 */
export function readerOptions(options: ReaderOptions): Whole<ReaderOptions> {
  const { ringSize, sink, nodeName, procfs, content, counting, latencies, waiting } = options
  const {
    export: exported,
    redaction,
    variables,
    deletedPods,
    podWaitMs,
    watchesPods,
    asksRuntime,
    expectsRules,
    findingsPerMinute,
    outputLink,
  } = options
  return {
    ringSize,
    sink,
    nodeName,
    procfs,
    content,
    counting,
    latencies,
    waiting,
    export: exported,
    redaction,
    variables,
    deletedPods,
    podWaitMs,
    watchesPods,
    asksRuntime,
    expectsRules,
    findingsPerMinute,
    outputLink,
  }
}

type Whole<T> = { readonly [K in keyof Required<T>]: T[K] }

/** Start parameters of the reader's thread. */
export interface WorkerOptions extends ReaderOptions {
  readonly ringFd: number
  readonly doorbellFd: number
  readonly counters: SharedArrayBuffer
}

/** A cached process. */
export interface CachedProcess {
  readonly json: string
  readonly references: number
  /** Whether it still runs; ended ones are kept for their descendants. */
  readonly isLive: boolean
}

/** Metrics of the pipeline. */
export interface PipelineTotals {
  readonly events: EventTotals | undefined
  /** By kind of record. */
  readonly latencies: readonly (readonly [kind: number, totals: LatencyTotals])[]
  readonly findings: FindingTotals
}

/** A question and its answer have the same number. */
interface Numbered {
  readonly question: number
}

/** Result of switching the loader on or off. */
export interface LoaderChange {
  /** Bytes of kernel memory that it uses now. */
  readonly memory: number
  /** Why the kernel refused it. */
  readonly refusal?: string | undefined
}

/** Commands of the main thread, with their parameters. */
export interface Commands {
  /**
   * All processes that started before the agent are in the ring; reported when they are read. From
   * then on, other processes are looked up.
   */
  discovered: { readonly lookup: LookupDescriptors | undefined }
  /** Writes the content of the ring, and ends. */
  stop: object
  /** Frees memory that is not used any more. */
  freeMemory: object
  /** The kernel has preemption: real-time priority for the use of maps from now on. */
  avoidPreemption: object
  /** Records were lost: finds processes that ended, with the descriptor of the process table. */
  reconcile: { readonly tableFd: number }
  /** Hooks of a policy that is about to be loaded, which replace other hooks. */
  addHooks: Numbered & {
    readonly hooks: readonly HookDescription[]
    readonly replacedIds: readonly number[]
  }
  /** @see HookEvents.remove */
  removeHooks: {
    readonly ids: readonly number[]
    readonly removedAt: bigint
    readonly successorSince?: bigint | undefined
  }
  /** Policies select workloads; the descriptor of the table of workloads. */
  openWorkloads: Numbered & { readonly tableFd: number }
  /** Sets of workloads of a policy that is about to be loaded. */
  addWorkloads: Numbered & { readonly sets: readonly NumberedSelection[] }
  removeWorkloads: { readonly numbers: readonly number[] }
  /** No policy selects workloads any more: the table is closed after the answer. */
  closeWorkloads: Numbered
  /** Changes of the pods of this node. */
  pods: { readonly changes: PodChanges }
  /** A pod that the socket of the container runtime reported. */
  runtimePod: { readonly pod: PodFacts }
  /** Labels of a container outside of pods. */
  containerLabels: { readonly labels: ContainerLabels }
  /** A container that a hook of the runtime reported, before its first process. */
  addHooked: Numbered & { readonly declared: DeclaredPod }
  /** Writes an event for each executable mapping from now on. */
  startLoader: Numbered
  stopLoader: Numbered
  /** Policies filter process events: the maps of held records, and the process table. */
  openBacklog: Numbered & HeldDescriptors & { readonly tableFd: number }
  /** Labels of this node, for events. */
  node: { readonly labels: Readonly<Record<string, string>> }
  /** An additional ring for events, or none. */
  stream: { readonly ring: SharedArrayBuffer | undefined }
  /** Records of any kind were lost. */
  noteLoss: object
  /** Detection rules in place of the current ones; answered when they are in force. */
  setRules: Numbered & { readonly prepared: PreparedRules | undefined }
  /** Which actions of rules are in force, in place of what was known. */
  setRuleActions: { readonly states: ActionStates }
  /** New limits for the rotation of the export file. */
  setRotation: { readonly rotation: Rotation }
  /** Answered when the sink has written the events so far. */
  flush: Numbered
  /** Starts a CPU profile of the thread. */
  startProfile: object
  endProfile: Numbered
  listProcesses: Numbered
  /** Containers and their sets, with these labels of their pods. */
  listWorkloads: Numbered & { readonly labels: readonly string[] }
  readTotals: Numbered
}

/** Reports of the reader's thread. */
export interface Reports {
  /** The thread reads the ring. */
  ready: object
  /** The command `discovered` is done. */
  discovered: object
  /** The receiver of the events is gone. */
  sinkClosed: object
  stopped: object
  /** Everything is done, but the thread cannot end: a file system does not respond. */
  stuck: object
  /** Events are in the ring of `stream`, and its reader sleeps. */
  events: object
  /** The export file was rotated. */
  rotated: object
  /** A message for the operator. */
  warning: { readonly message: string }
  /** Calls of hooked functions that will not return. */
  abandoned: { readonly calls: readonly CallOf[] }
  /** Requests of policy actions to user space. */
  requests: { readonly requests: readonly UserRequest[] }
  /** Changes of counters of policies. */
  counted: { readonly counts: readonly LateCount[] }
  /** New containers, to be looked up in the sockets of their runtimes. */
  newContainers: { readonly questions: ContainerQuestions }
  /** Answers to commands with a number. */
  hooksAdded: Numbered
  flushed: Numbered
  workloadsChanged: Numbered
  hookedAdded: Numbered
  loaderChanged: Numbered & LoaderChange
  backlogOpened: Numbered
  profile: Numbered & { readonly profile: string }
  workloads: Numbered & { readonly workloads: readonly ListedWorkload[] }
  /**
   * `failure`: why the rules cannot be compiled. `early`: number of events that were written before
   * the first rules.
   */
  rulesSet: Numbered & { readonly failure?: string; readonly early?: number }
  processes: Numbered & { readonly processes: readonly CachedProcess[] }
  totals: Numbered & { readonly totals: PipelineTotals }
}

type Message<Contents, Kinds extends keyof Contents = keyof Contents> = {
  [Kind in Kinds]: { readonly kind: Kind } & Contents[Kind]
}[Kinds]

/** Commands of the main thread. */
export type Command<Kinds extends keyof Commands = keyof Commands> = Message<Commands, Kinds>
/** Handlers by kind of command. */
export type CommandHandlers = {
  readonly [Kind in keyof Commands]: (command: Command<Kind>) => void | Promise<void>
}
/** Messages of the reader's thread. */
export type Report = Message<Reports>
/** Reports that answer a question. */
export type Answer = Extract<Report, Numbered>
/** Commands with an answer, without the number, which is added when they are sent. */
export type Question = {
  [Kind in keyof Commands]: Commands[Kind] extends Numbered
    ? { readonly kind: Kind } & Omit<Commands[Kind], 'question'>
    : never
}[keyof Commands]

/** Hands a command to the handler of its kind. */
export function handleCommand<Kind extends keyof Commands>(
  handlers: CommandHandlers,
  command: Command<Kind>,
): void | Promise<void> {
  return handlers[command.kind](command)
}
