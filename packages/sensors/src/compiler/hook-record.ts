import {
  type FieldType,
  type RecordType,
  record,
  type Shape,
  tail,
  u8,
  u16,
  u32,
  u64,
} from '@tetragon-ts/ebpf/records'
import type { Argument, ArgumentTypeName, Hook } from '@tetragon-ts/policy'
import type { EnforcementDetails } from './actions/action.ts'
import type { UserRequest } from './actions/requests.ts'
import { argumentType } from './arguments/index.ts'
import { type StackKind, stackField } from './programs/stacks.ts'

/** Description of an argument for the reader of events. */
export interface ArgumentDescription {
  readonly type: ArgumentTypeName
  readonly label: string
  /** Whether it has a member path: then one of the steps may fail. */
  readonly resolved: boolean
}

/** The kinds of events that hooks have. */
export type HookEvent = `process_${'kprobe' | 'tracepoint' | 'lsm' | 'uprobe' | 'usdt'}`

/** Fields of an event, as in its JSON. */
export type EventHead = Readonly<Record<string, string>>

/** Description of a hook for the reader of events. Plain data, sent to another thread. */
export interface HookDescription {
  readonly id: number
  readonly event: HookEvent
  readonly policyName: string
  /** Names by function index, as the API shows them, or `subsystem/event`. */
  readonly functions: readonly string[]
  /** The first fields of events, by function index. */
  readonly heads: readonly EventHead[]
  readonly message: string
  readonly tags: readonly string[]
  readonly args: readonly ArgumentDescription[]
  readonly data: readonly ArgumentDescription[]
  readonly result?: ArgumentDescription | undefined
  /** Name of the action that posted, by selector; a hook without selectors has one entry. */
  readonly actions: readonly string[]
  /** The same for the function's return. */
  readonly returnActions: readonly string[]
  /** The same for hits whose enforcing actions were executed. */
  readonly enforcedActions: readonly string[]
  readonly enforcedReturnActions: readonly string[]
  /** Enforcing actions, by selector. */
  readonly enforcements: readonly (readonly EnforcementDescription[])[]
  readonly returnEnforcements: readonly (readonly EnforcementDescription[])[]
  /** Requests to user space when an event of a selector is posted. */
  readonly requests: readonly (readonly UserRequest[])[]
  /** The same for `matchReturnActions`. */
  readonly returnRequests: readonly (readonly UserRequest[])[]
  readonly extras: RecordExtras
  /** Values of the entry's and the return's record, in the order of their tails. */
  readonly enter: readonly ValueName[]
  readonly leave: readonly ValueName[]
  /** Whether the return has its own record. */
  readonly returns: boolean
  /** Values that are read again at the return if they were unreadable at the entry. */
  readonly rereads: readonly ValueName[]
  /** By selector: whether nothing may be posted without the return value. */
  readonly returnMatters: readonly boolean[]
  /** Set if the workload decides. */
  readonly workloads?: HookWorkloads | undefined
}

/** An enforcing action, for events. */
export interface EnforcementDescription extends EnforcementDetails {
  readonly action: string
  /** The means that carries it out; undefined if the kernel has none: the policy only monitors. */
  readonly means?: string | undefined
  /** Whether no other policy sees what it refuses. */
  readonly isFinal?: boolean | undefined
}

/** How hits of uncertain workloads are decided. */
export interface HookWorkloads {
  /** Number of the set of workloads that the policy applies to; undefined: all. */
  readonly policy: number | undefined
  /** The same by selector; a hook without selectors has none. */
  readonly selectors: readonly (number | undefined)[]
  /** By selector: whether an action suppresses the event of each match. */
  readonly noPost: readonly boolean[]
  /** By selector: whether its decisions are counted at the function's return. */
  readonly countsAtReturn: readonly boolean[]
}

/** A value of a hook's record: `a0` of `args`, `d0` of `data`, `r` the result. */
export type ValueName = `a${number}` | `d${number}` | 'r'

/** Maximum number of values in a record: one bit of `unreadable` for each. */
export const valuesMax = 64
/** Maximum length of a hook's record: all values, with 4 KiB of text each. */
export const recordMax = 1 << 19

/** Bits of a hook record's `flags`. */
export const hookFlags = {
  /** The function's return has its own record. */
  pending: 1,
  /** This is the return. */
  returned: 2,
  /** The return did not match: drop the pending record. */
  cancelled: 4,
  /** Values were read again at the return: this record decides. */
  decided: 8,
  /** The selector's action had no effect: a descriptor was not followed. */
  idle: 16,
  /** The process is within execve(2): its exec may be counted without being reported yet. */
  executing: 32,
  /** It is unknown whether the policy or the selector applies to the workload. */
  uncertain: 64,
  /** An action suppresses the event; set only if it is uncertain. */
  suppressed: 128,
} as const

/**
 * Header of all hook records. It is small: half of the cost of a hit is the cache lines of its
 * record.
 */
export const hookHeader = {
  kind: u8,
  flags: u8,
  /** Index of the selector that matched. */
  selector: u16,
  hook: u32,
  time: u64,
  /**
   * Boot time in nanoseconds of the process's fork: identifies the process together with the pid.
   */
  start: u64,
  pid: u32,
  tid: u32,
  /** Low half of the kernel's count of the task's execs: identifies the image. */
  execs: u32,
  functionIndex: u32,
  /** A bit for each value that could not be read, in order. */
  unreadable: u64,
} as const satisfies Shape

/** The parts of a record for named values. */
export type ValueTypes = readonly {
  readonly name: ValueName
  readonly type: ArgumentTypeName
  readonly resolved: boolean
}[]

/** Optional parts of an entry's record. */
export interface RecordExtras {
  /** Whether it has the owner of a tracked socket. */
  readonly owner: boolean
  readonly stacks: readonly StackKind[]
  /** Whether it has the IMA hash of the file. */
  readonly imaHash: boolean
  /** Whether the workload decides. */
  readonly workload: boolean
  /** Whether it has the outcome of enforcing actions. */
  readonly enforcement: boolean
  /** Whether equal refusals are counted. */
  readonly refusal: boolean
}
const noExtras: RecordExtras = {
  ...{ owner: false, stacks: [], imaHash: false, workload: false, enforcement: false },
  refusal: false,
}

/** Extras of the records of a return. */
export function returnExtras({ enforcement }: RecordExtras): RecordExtras {
  return { ...noExtras, enforcement }
}

/** The pid in the record of a hit that belongs to no process, such as a packet. */
export const noProcess = 0xffff_ffff

/** What became of the enforcing actions of a hit. */
export const enforcementOutcomes = {
  /** The policy monitors, or spares the process. */
  notExecuted: 0,
  executed: 1,
  /** With this process, the policy has reached its limit. */
  limitReached: 2,
} as const

/** The outcome of the enforcing actions of the selector that matched. */
export const recordEnforcement = record('enforcement', {
  /** Of {@link enforcementOutcomes}. */
  outcome: u32,
  /** A bit for each of them that the kernel refused. */
  failed: u32,
})

/** Identifies the refusals that are counted as equal to this one; all 0 if none are. */
export const recordRefusal = record('refusal', { a: u64, b: u64, generation: u32, padding: u32 })

/** Different refusals that are counted at a time; all further ones are posted each. */
export const refusalsMax = 2048

/** How many refusals were equal to one that was posted before. */
export const RefusalReport = record('refusal_report', {
  kind: u32,
  /** If `a` and `b` are 0: this generation has ended, and those before it. */
  generation: u32,
  a: u64,
  b: u64,
  count: u64,
  /** Boot time of the last one. */
  last: u64,
})

/** What decides about a hit of an uncertain workload. */
export const recordWorkload = record('workload', {
  /** Control group of the task. */
  cgroup: u64,
  /** A bit for each selector that matches, or that does so if it applies to the workload. */
  candidates: u32,
  padding: u32,
})

/** The owner of the socket, if the policy tracks sockets; 0 for the current process. */
export const recordOwner = record('owner', {
  pid: u32,
  tid: u32,
  /** As in the header. */
  start: u64,
  /** Of the process's image when the record was sent, or when it became the owner. */
  execs: u32,
  padding: u32,
})

/** The record of a hook: header, fixed parts of the values, tails in the order of the values. */
export function hookRecord(values: ValueTypes, extras: RecordExtras = noExtras): RecordType {
  const fixed: Record<string, FieldType> = {
    ...(extras.owner && { owner: recordOwner }),
    ...(extras.workload && { workload: recordWorkload }),
    ...(extras.enforcement && { enforcement: recordEnforcement }),
    ...(extras.refusal && { refusal: recordRefusal }),
  }
  const tails: Record<string, typeof tail> = {}
  for (const { name, type, resolved } of values) {
    const { shape, tailMax } = argumentType(type)
    if (resolved) fixed[stepField(name)] = u64
    if (Object.keys(shape).length > 0) fixed[name] = record(name, shape)
    if (tailMax > 0) tails[`${name}_tail`] = tail
  }
  for (const kind of extras.stacks) tails[stackField(kind)] = tail
  if (extras.imaHash) tails.ima_hash = tail
  return record('hook', { ...hookHeader, ...fixed, ...tails })
}

/** Field with a bit for each step of the member path whose address could not be read. */
export function stepField(name: ValueName): string {
  return `${name}_step`
}

/** The parts of a record for named values. */
export function valueTypes(
  { args, data, result }: Pick<HookDescription, 'args' | 'data' | 'result'>,
  names: readonly ValueName[],
): ValueTypes {
  return names.map((name) => {
    const position = Number(name.slice(1))
    const value = name === 'r' ? result : (name[0] === 'a' ? args : data)[position]
    return { name, type: value?.type ?? 'nop', resolved: value?.resolved ?? false }
  })
}

/** The argument, item of data or return value with this name. */
export function argumentOf({ args, data, returnArg }: Hook, name: ValueName): Argument {
  if (name !== 'r') return (name[0] === 'a' ? args : data)[Number(name.slice(1))]
  if (!returnArg) throw new RangeError('a result that is not read')
  return returnArg
}

/** Description of an argument for the reader. */
export function describeArgument({ type, label, resolve }: Argument): ArgumentDescription {
  return { type, label, resolved: resolve.length > 0 }
}
