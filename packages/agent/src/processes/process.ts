import type { Workload } from './workload.ts'

/** The count of execs of a process that no record has introduced; its next hook event has it. */
export const unknownExecs = -1

/** What is kept of a process: bytes of UTF-8 and of protobuf, one in each character. */
export interface ProcessJson {
  /** JSON up to the reference count. */
  readonly head: string
  /** JSON from there on with the process's own tid. */
  readonly rest: string
  /** JSON behind the tid. */
  readonly end: string
  /** `head` as protobuf; made when first needed. */
  wire: string | undefined
}

/** A number in a place of its own: adding to it touches no table. */
export interface Count {
  value: number
}

/** What processes with the same labels did. */
export interface LabelCounts {
  /** JSON of the path without its quotes, as UTF-8 in latin1. */
  readonly binary: string
  readonly types: Float64Array
  /** By hook and function. */
  readonly hooks: Map<number, Count>
  /** By number, with the mark of 32-bit programs. */
  readonly syscalls: Map<number, Count>
  /** Sum of `types` as of the last report, and when it was new. */
  told: number
  toldAt: number
}

/** A program image of a process, live or remembered for its children's sake. */
export interface Process {
  readonly pid: number
  /**
   * Start of the process, its fork, in nanoseconds after boot: with the pid it identifies the
   * process.
   */
  readonly start: number
  /** Low half of the kernel's count of its execs: with the start it identifies the image. */
  execs: number
  /** Start of the image in nanoseconds after boot: approximate, and its exact halves. */
  readonly ktime: number
  readonly ktimeHigh: number
  readonly ktimeLow: number
  /** Base64 of node, ktime and pid. */
  readonly execId: string
  /** The parent as it was at the fork; for an image that replaced another one, that one. */
  readonly parent: Process | undefined
  readonly parentExecId: string
  flags: number
  readonly euid: number
  readonly auid: number
  /** Its pid in its own pid namespace; 0 in the host's. */
  readonly namespacePid: number
  readonly workload: Workload
  /** JSON fields cwd, binary and arguments, as UTF-8 in a latin1 string. */
  readonly image: string
  /**
   * Optional JSON fields, such as its capabilities; each after a comma.
   */
  readonly details: string
  /** Made when first needed. */
  json: ProcessJson | undefined
  /** Where its events are counted; found with the first one that is. */
  counts?: LabelCounts | undefined
  /** Its binary as text; made when filters ask for it. */
  binary?: string | undefined
  /** What the export's filters said of it; found with its first event. */
  filterAnswers?: number | undefined
  /** One for being alive, one for each remembered child. */
  references: number
}
