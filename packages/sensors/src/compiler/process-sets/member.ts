import { hashMap } from '@tetragon-ts/ebpf/maps'
import { type RecordValue, record, u32, u64 } from '@tetragon-ts/ebpf/records'

/** A process of a set. */
export const MemberKey = record('member_key', { set: u32, pid: u32 })
export type MemberKey = RecordValue<(typeof MemberKey)['shape']>

/** What is known of a process that is in a set, or whose parent is. */
export const Member = record('member', {
  /** When the process began: a pid comes back for another one. */
  start: u64,
  /** The kernel's count of its execs as of the last one that was handled. */
  execs: u64,
  bits: u32,
  padding: u32,
})
export type Member = RecordValue<(typeof Member)['shape']>

/**
 * The members of all sets: a table of its own for each would take a megabyte before it has any.
 * Entries are allocated as they come.
 */
export const membersMap = hashMap('tg_members', {
  key: MemberKey,
  value: Member,
  maxEntries: 131072,
  preallocate: false,
})

export const memberBits = {
  /** It is in. */
  self: 1,
  /** Its parent is, or was when it ended. */
  parent: 2,
  /** It has not executed a program since its fork. */
  forked: 4,
} as const
