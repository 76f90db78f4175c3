import type { WaitingLimits } from '@tetragon-ts/sensors'
import type { CallOf, HookDescription, UserRequest } from '@tetragon-ts/sensors/hooks'
import type { PodChanges } from '../workloads/pod-facts.ts'
import type { EventContent } from './event-content.ts'
import type { CountingOptions, EventTotals } from './event-counts.ts'
import type { OutputOptions } from './export/output-options.ts'
import type { LatencyTotals } from './latencies.ts'
import type { SinkOptions } from './outputs/open-sink.ts'
import type { Rotation } from './outputs/sink.ts'

// What the main thread and the reader's thread send to each other: each message is an object with
// its `kind`.

/** What the agent's options ask of the reader. */
export interface ReaderOptions extends OutputOptions {
  /** Bytes; a power of two and a multiple of the page size. */
  readonly ringSize: number
  readonly sink: SinkOptions
  readonly nodeName: string
  readonly procfs: string
  readonly content: EventContent
  /** Undefined: events are not counted. */
  readonly counting?: CountingOptions | undefined
  /** Whether to measure how long each record takes. */
  readonly latencies?: boolean | undefined
  /** Undefined: the defaults. */
  readonly waiting?: WaitingLimits | undefined
  /** Pods that are remembered when they are gone; undefined: the default. */
  readonly deletedPods?: number | undefined
}

/**
 * Of an object that has more, only what the reader's thread is started with. An option that is
 * missing here does not compile.
 */
export function readerOptions(options: ReaderOptions): Whole<ReaderOptions> {
  const { ringSize, sink, nodeName, procfs, content, counting, latencies, waiting } = options
  const { export: exported, redaction, variables, deletedPods } = options
  return {
    ...{ ringSize, sink, nodeName, procfs, content, counting, latencies, waiting },
    ...{ export: exported, redaction, variables, deletedPods },
  }
}

type Whole<T> = { readonly [K in keyof Required<T>]: T[K] }

/** What the reader's thread is started with. */
export interface WorkerOptions extends ReaderOptions {
  readonly ringFd: number
  readonly doorbellFd: number
  readonly counters: SharedArrayBuffer
}

/** A process of the cache. */
export interface KnownProcess {
  readonly json: string
  readonly references: number
  /** Whether it still runs; others are kept for their descendants. */
  readonly isLive: boolean
}

/** What metrics ask the pipeline for. */
export interface PipelineTotals {
  readonly events: EventTotals | undefined
  /** By the kind of the record. */
  readonly latencies: readonly (readonly [kind: number, totals: LatencyTotals])[]
}

/** A question and its answer have the same number. */
interface Numbered {
  readonly question: number
}

/** Commands of the main thread, each with what it needs. */
export interface Commands {
  /** All processes that ran before the agent are in the ring; it is reported when they are read. */
  discovered: object
  /** Writes what is in the ring, and ends. */
  stop: object
  /** Records were lost: finds processes that ended, with the descriptor of the process table. */
  reconcile: { readonly tableFd: number }
  /** Hooks of a policy that is about to be loaded, in the place of these of another. */
  addHooks: Numbered & {
    readonly hooks: readonly HookDescription[]
    readonly inPlaceOf: readonly number[]
  }
  /** @see HookEvents.remove */
  removeHooks: {
    readonly ids: readonly number[]
    readonly successorSince?: bigint | undefined
  }
  /** More is known about the pods of this node. */
  pods: { readonly changes: PodChanges }
  /** A ring for events besides the sink, or none any more. */
  stream: { readonly ring: SharedArrayBuffer | undefined }
  /** When the export file is rotated from now on. */
  setRotation: { readonly rotation: Rotation }
  /** Samples where the thread spends its time. */
  startProfile: object
  endProfile: Numbered
  listProcesses: Numbered
  readTotals: Numbered
}

/** Reports of the reader's thread. */
export interface Reports {
  ready: object
  /** The command `discovered` is carried out. */
  discovered: object
  /** The receiver of the events is gone. */
  sinkClosed: object
  stopped: object
  /** All is done, but the thread cannot end: a file system does not respond. */
  stuck: object
  /** Events are in the ring of `stream`, and its reader sleeps. */
  events: object
  /** The export file was rotated. */
  rotated: object
  /** For the operator. */
  warning: { readonly message: string }
  /** Calls of hooked functions that will not return. */
  abandoned: { readonly calls: readonly CallOf[] }
  /** What the actions of policies ask of user space. */
  requests: { readonly requests: readonly UserRequest[] }
  /** Answers to commands with a number. */
  hooksAdded: Numbered
  profile: Numbered & { readonly profile: string }
  processes: Numbered & { readonly processes: readonly KnownProcess[] }
  totals: Numbered & { readonly totals: PipelineTotals }
}

type Message<Contents, Kinds extends keyof Contents = keyof Contents> = {
  [Kind in Kinds]: { readonly kind: Kind } & Contents[Kind]
}[Kinds]

/** What the main thread says. */
export type Command<Kinds extends keyof Commands = keyof Commands> = Message<Commands, Kinds>
/** What is done at each kind of command. */
export type CommandHandlers = {
  readonly [Kind in keyof Commands]: (command: Command<Kind>) => void | Promise<void>
}
/** What the reader's thread says. */
export type Report = Message<Reports>
/** Reports that answer a question. */
export type Answer = Extract<Report, Numbered>
/** Commands that are answered, without the number, which is given when they are sent. */
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
