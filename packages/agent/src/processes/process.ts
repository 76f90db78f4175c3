import { ByteWriter } from '../bytes/byte-writer.ts'
import type { PodText, Workload } from './workload.ts'

/** The count of execs of a process without its own record; set by its next hook event. */
export const unknownExecs = -1

/** Cached texts of a process: bytes of UTF-8 and of protobuf, one per character. */
export interface ProcessJson {
  /** JSON up to the reference count. */
  readonly head: string
  /** JSON from there up to the process's own tid. */
  readonly rest: string
  /** JSON after the tid. */
  readonly end: string
  /** `head` as protobuf; created on first use. */
  wire: string | undefined
  /** In how many events it was. */
  uses: number
  /** The same as bytes, of a process that is in many events: they are written faster. */
  bytes: ProcessBytes | undefined
}

/** `head` and `rest` as bytes. */
export interface ProcessBytes {
  readonly head: Uint8Array
  readonly rest: Uint8Array
}

/** A number in its own object: incrementing it needs no lookup. */
export interface Count {
  value: number
}

/** Labels of event metrics. Empty: not selected, not known, or outside of pods. */
export interface EventLabels {
  readonly namespace: string
  readonly workload: string
  readonly pod: string
  readonly binary: string
}

/** Event counts of processes with the same labels. */
export interface LabelCounts {
  readonly labels: EventLabels
  readonly types: Float64Array
  /** By hook and function. */
  readonly hooks: Map<number, Count>
  /** By number, with the bit of 32-bit programs. */
  readonly syscalls: Map<number, Count>
  /** Sum of `types` at the last report, and when it last changed. */
  reported: number
  reportedAt: number
}

/** A program image of a process, live or kept for its children. */
export interface Process {
  readonly pid: number
  /**
   * Start of the process (its fork) in nanoseconds since boot: identifies the process together with
   * the pid.
   */
  readonly start: number
  /** Low half of the kernel's count of its execs: identifies the image together with the start. */
  execs: number
  /** Start of the image in nanoseconds since boot: approximate, and its exact halves. */
  readonly ktime: number
  readonly ktimeHigh: number
  readonly ktimeLow: number
  /** Base64 of node, ktime and pid. */
  readonly execId: string
  /** The parent at the fork; for an image that replaced another one, that image. */
  readonly parent: Process | undefined
  readonly parentExecId: string
  flags: number
  /** Whether its exec and exit are not posted. */
  isHeld?: boolean | undefined
  readonly euid: number
  readonly auid: number
  /** Its pid in its own pid namespace; 0 in the host's. */
  readonly namespacePid: number
  readonly workload: Workload
  /** JSON fields cwd, binary and arguments, as UTF-8 in a latin1 string. */
  readonly image: string
  /** Optional JSON fields, such as its capabilities; each with a leading comma. */
  readonly details: string
  /** Created on first use. */
  json: ProcessJson | undefined
  /** Counters of its events; found with the first counted event. */
  counts?: LabelCounts | undefined
  /** The text of its pod when the counters were found. */
  countedText?: PodText | undefined
  /** Its binary as text; created when filters need it. */
  binary?: string | undefined
  /** Cached results of the export's filters; set with its first event. */
  filterAnswers?: number | undefined
  /** One reference for being alive, one for each cached child. */
  references: number
}

/** Drops what is cached with a process of its workload: it has changed. */
export function workloadChanged(process: Pick<Process, 'json' | 'filterAnswers'>): void {
  process.json = undefined
  process.filterAnswers = undefined
}

const colon = 0x3a
const twoTo21 = 1 << 21

/** Writes exec ids, base64 of `<node>:<ktime>:<pid>`, without intermediate strings. */
export class ExecIds {
  readonly #text = new ByteWriter()
  readonly #prefixLength: number

  constructor(nodeName: string) {
    this.#text.latin1(Buffer.from(`${nodeName}:`).toString('latin1'))
    this.#prefixLength = this.#text.length
  }

  /** @param high, low halves of the image's start in nanoseconds after boot */
  format(high: number, low: number, pid: number): string {
    const text = this.#text
    text.length = this.#prefixLength
    // Numbers are exact up to 2^53 ns, 104 days; beyond that the slower bigint is used.
    if (high < twoTo21) text.decimal(high * 0x1_0000_0000 + low)
    else text.latin1(((BigInt(high) << 32n) | BigInt(low)).toString())
    text.byte(colon)
    text.decimal(pid)
    return text.bytes.toString('base64', 0, text.length)
  }
}

/** Identifies an image in a record. */
type Key = Pick<Process, 'pid' | 'execs' | 'ktime' | 'ktimeHigh' | 'ktimeLow'>

/** The identity of a process in its records. */
interface Identity extends Pick<Process, 'euid' | 'auid'> {
  readonly key: Key
  readonly parent: Key
  /** Its pid in its own pid namespace. */
  readonly nspid: number
}

/** Facts about a process besides its identity. */
type ProcessFacts = Pick<Process, 'start' | 'parent' | 'workload' | 'image' | 'details'> & {
  readonly flags: number
}

/** Creates a process from the identity in a record and these facts. */
export function makeProcess(execIds: ExecIds, identity: Identity, facts: ProcessFacts): Process {
  const { pid, execs, ktime, ktimeHigh, ktimeLow } = identity.key
  const above = identity.parent
  const { start, parent, flags, workload, image, details } = facts
  return {
    pid,
    start,
    execs,
    ktime,
    ktimeHigh,
    ktimeLow,
    execId: execIds.format(ktimeHigh, ktimeLow, pid),
    parent,
    parentExecId: parent?.execId ?? execIds.format(above.ktimeHigh, above.ktimeLow, above.pid),
    flags,
    isHeld: false,
    euid: identity.euid,
    auid: identity.auid,
    namespacePid: identity.nspid,
    workload,
    image,
    details,
    json: undefined,
    counts: undefined,
    countedText: undefined,
    binary: undefined,
    filterAnswers: undefined,
    references: 1,
  }
}
