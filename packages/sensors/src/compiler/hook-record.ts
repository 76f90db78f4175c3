import {
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
import type { UserRequest } from './actions/requests.ts'
import { argumentType } from './arguments/index.ts'
import { type StackKind, stackField } from './programs/stacks.ts'

/** What an argument is to the reader of events. */
export interface ArgumentDescription {
  readonly type: ArgumentTypeName
  readonly label: string
  /** Whether members are followed to it: then one of the steps may fail. */
  readonly resolved: boolean
}

/** The kinds of events that hooks have. */
export type HookEvent = `process_${'kprobe' | 'tracepoint' | 'lsm' | 'uprobe' | 'usdt'}`

/** What the reader of events needs to know of a hook. Plain data: it goes to another thread. */
export interface HookDescription {
  readonly id: number
  readonly event: HookEvent
  readonly policyName: string
  /** Names by function index: functions as the API shows them, or `subsystem/event`. */
  readonly functions: readonly string[]
  readonly message: string
  readonly tags: readonly string[]
  readonly args: readonly ArgumentDescription[]
  readonly data: readonly ArgumentDescription[]
  readonly result?: ArgumentDescription | undefined
  /** Name of the action that posted, by selector; a hook without selectors has one entry. */
  readonly actions: readonly string[]
  /** The same for the function's return. */
  readonly returnActions: readonly string[]
  /** What user space is asked to do when a selector's event is posted. */
  readonly requests: readonly (readonly UserRequest[])[]
  /** The same for `matchReturnActions`. */
  readonly returnRequests: readonly (readonly UserRequest[])[]
  readonly extras: RecordExtras
  /** Values that travel when it is hit, and when it returned, in the order of their tails. */
  readonly enter: readonly ValueName[]
  readonly leave: readonly ValueName[]
  /** Whether the return comes in a record of its own. */
  readonly returns: boolean
  /** Values that are read again at the return where the entry could not read them. */
  readonly rereads: readonly ValueName[]
  /** By selector: whether nothing may be posted without knowing the result. */
  readonly returnMatters: readonly boolean[]
}

/** A value of a hook's record: `a0` of `args`, `d0` of `data`, `r` the result. */
export type ValueName = `a${number}` | `d${number}` | 'r'

/** Values that a record has at most: one bit of `unreadable` for each. */
export const valuesMax = 64
/** Maximum length of a hook's record: all values, with 4 KiB of text each. */
export const recordMax = 1 << 19

/** Bits of a hook record's `flags`. */
export const hookFlags = {
  /** The function's return comes in a record of its own. */
  pending: 1,
  /** This is the return. */
  returned: 2,
  /** The return was filtered out: forget the pending record. */
  cancelled: 4,
  /** What the entry could not read was read again at the return: this decides. */
  decided: 8,
  /** The selector's action found nothing to do: a descriptor was not followed. */
  idle: 16,
  /** The process is within execve(2): its exec may be counted without being reported yet. */
  executing: 32,
} as const

/**
 * The part that all hook records begin with. It is small: what a hit costs is half the cache lines
 * that its record takes.
 */
export const hookHeader = {
  kind: u8,
  flags: u8,
  /** Place of the selector that matched. */
  selector: u16,
  hook: u32,
  time: u64,
  /** Boot time in nanoseconds of the process's fork: with the pid it identifies the process. */
  start: u64,
  pid: u32,
  tid: u32,
  /** Low half of the kernel's count of the task's execs: identifies the image. */
  execs: u32,
  functionIndex: u32,
  /** A bit for each value of the record that could not be read, in their order. */
  unreadable: u64,
} as const satisfies Shape

/** Of values that travel, what the record has of each. */
export type ValueTypes = readonly {
  readonly name: ValueName
  readonly type: ArgumentTypeName
  readonly resolved: boolean
}[]

/** What the record of an entry has beside the values. */
export interface RecordExtras {
  /** Whether it has the owner of a tracked socket. */
  readonly owner: boolean
  readonly stacks: readonly StackKind[]
  /** Whether it has the IMA hash of the file. */
  readonly imaHash: boolean
}
const noExtras: RecordExtras = { owner: false, stacks: [], imaHash: false }

/** Whose socket it is, where the policy tracks sockets; 0 for the process that ran. */
export const recordOwner = record('owner', {
  pid: u32,
  tid: u32,
  /** As in the header. */
  start: u64,
  /** Of the image that the process had when the record was sent, or when it became the owner. */
  execs: u32,
  padding: u32,
})

/** The record of a hook: header, fixed parts of the values, tails in the order of the values. */
export function hookRecord(values: ValueTypes, extras: RecordExtras = noExtras): RecordType {
  const fixed: Record<string, RecordType> = extras.owner ? { owner: recordOwner as RecordType } : {}
  const tails: Record<string, typeof tail> = {}
  for (const { name, type, resolved } of values) {
    const { shape, tailMax } = argumentType(type)
    if (resolved) fixed[stepField(name)] = u64 as never
    if (Object.keys(shape).length > 0) fixed[name] = record(name, shape)
    if (tailMax > 0) tails[`${name}_tail`] = tail
  }
  for (const kind of extras.stacks) tails[stackField(kind)] = tail
  if (extras.imaHash) tails.ima_hash = tail
  return record('hook', { ...hookHeader, ...fixed, ...tails } as Shape)
}

/** Field with a bit for each step of following members that met an address it cannot read. */
export function stepField(name: ValueName): string {
  return `${name}_step`
}

/** What a record has of named values. */
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

/** The argument, item of data or result of this name. */
export function argumentOf({ args, data, returnArg }: Hook, name: ValueName): Argument {
  if (name !== 'r') return (name[0] === 'a' ? args : data)[Number(name.slice(1))]
  if (!returnArg) throw new RangeError('a result that is not read')
  return returnArg
}

/** What the reader has to know of an argument. */
export function describeArgument({ type, label, resolve }: Argument): ArgumentDescription {
  return { type, label, resolved: resolve.length > 0 }
}
