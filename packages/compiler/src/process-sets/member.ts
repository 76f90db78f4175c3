import { array, hashMap } from '@tetragon-ts/ebpf/maps'
import { type RecordValue, record, u32, u64 } from '@tetragon-ts/ebpf/records'

/** A process of a set. */
export const MemberKey = record('member_key', { set: u32, pid: u32 })
export type MemberKey = RecordValue<(typeof MemberKey)['shape']>

/** State of a process that is in a set, or whose parent is. */
export const Member = record('member', {
  /** Start of the process: pids are reused. */
  start: u64,
  /** The kernel's count of its execs at the last exec that was handled. */
  execs: u64,
  bits: u32,
  padding: u32,
})
export type Member = RecordValue<(typeof Member)['shape']>

/**
 * The members of all sets: separate tables would take a megabyte each. Entries are allocated on
 * demand.
 */
export const membersMap = hashMap('tg_members', {
  key: MemberKey,
  value: Member,
  maxEntries: 131072,
  preallocate: false,
})

export const memberBits = {
  /** The process is a member. */
  self: 1,
  /** Its parent is a member, or was when it ended. */
  parent: 2,
  /** It has not executed a program since its fork. */
  forked: 4,
  /** It is unknown whether the process is a member. */
  unknown: 8,
  /** It is unknown whether its parent is, or was when it ended. */
  parentUnknown: 16,
} as const

/** What user space has found out about a running process, for the walk that fills a set. */
const RunningCommand = record('running_command', {
  /** Start and count of execs of the process that was read. */
  start: u64,
  execs: u32,
  bits: u32,
})

/** Running processes by pid. */
export const runningCommands = hashMap('tg_commands', {
  key: u32,
  value: RunningCommand,
  maxEntries: 131072,
  preallocate: false,
})

/** Number of processes that a walk has added to the set, or has to visit again. */
export const additionsMap = array('tg_set_added', { value: u64 })

/** -EEXIST: the process has an entry. */
export const existsAlready = -17
