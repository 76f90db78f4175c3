import { array, hashMap, type MapSpec, ringBuffer } from '@tetragon-ts/ebpf/maps'
import { arrayOf, type RecordValue, u8, u32, u64 } from '@tetragon-ts/ebpf/records'
import { HeldExec, ProcessEntry, type ProcessRecords } from '../records/process.ts'

/** Default size of the ring in bytes: a tenth of a second of the highest measured load. */
export const defaultRingSize = 1 << 24

/** The ring of all records. */
export const events = ringBuffer('tg_events', { size: defaultRingSize })

/** Size of the ring of held records in bytes: of about 12,000 execs with short arguments. */
export const backlogSize = 1 << 22

/**
 * The ring of records about processes whose events are not posted. They are read when a posted
 * record refers to such a process, and when half of the ring is full.
 */
export const backlog = ringBuffer('tg_backlog', { size: backlogSize })

/** Maximum number of images of either kind that are kept in the kernel. */
const heldImagesMax = 8192

/** Fork records of processes whose records are kept in the kernel, by pid. */
export function heldForksOf(records: ProcessRecords) {
  const value = records.ForkRecord
  const maxEntries = heldImagesMax
  const map =
    heldForks.get(value) ??
    hashMap('tg_held_forks', { key: u32, value, maxEntries, preallocate: false })
  heldForks.set(value, map)
  return map
}
const heldForks = new Map<unknown, HeldForks>()
type HeldForks = MapSpec<number, RecordValue<ProcessRecords['ForkRecord']['shape']>>

/** Exec records of such processes, if their exec is not posted, by pid. */
export const heldExecs = hashMap('tg_held_execs', {
  key: u32,
  value: HeldExec,
  maxEntries: heldImagesMax,
  preallocate: false,
})

/** Values of `filtering`. */
export const filterMode = {
  off: 0,
  /** All records of processes that are not posted go to the backlog. */
  pass: 1,
  /** They are kept in the kernel until a record refers to the process. */
  keep: 2,
} as const

/** A value of `filterMode`. While it is not `off`, forks are not posted. */
export const filtering = array('tg_filtering', { value: u32, maxEntries: 1 })

/** Not 0 while the walk looks for execs before the programs at execs were attached. */
export const unseenExecs = array('tg_unseen_execs', { value: u32, maxEntries: 1 })

/** Default size of the process table. */
export const defaultProcessTableSize = 65536

/** The process table with the given capacity. */
export const processTableOf = (maxEntries: number) =>
  hashMap('tg_processes', { key: u32, value: ProcessEntry, maxEntries, preallocate: false })

/**
 * All live processes by pid (thread group id). Entries are allocated on demand, so the memory
 * follows their number; the limit is a safety net.
 */
export const processTable = processTableOf(defaultProcessTableSize)

/** Kinds of losses in the kernel; each has a counter. */
export const lossKinds = [
  'exec',
  'fork',
  'exit',
  'running',
  'data',
  /** Names of control groups: the container of a process is unknown. */
  'group',
  /** Control groups of containers that did not fit into the table of workloads. */
  'workloads_full',
  'table_full',
  /** Policy events. */
  'hook',
  /** Descriptors that could not be followed, calls that could not be saved until their return. */
  'followed_full',
  'calls_full',
  /** Processes that did not fit into a set: policies do not see them as members. */
  'set_full',
  /** Hits while all scratch memory of their CPU was in use. */
  'scratch_busy',
  /** Starts and ends of processes in control groups that exceed the rate. */
  'throttled',
  /** Events suppressed by a rate limit. */
  'rate_limited',
  /** Events posted with an unreadable argument that their selector tests. */
  'unreadable',
  /** Enforcing actions that the kernel refused to carry out. */
  'enforcement_failed',
  /** Records about processes that are not posted, which did not fit into the backlog. */
  'backlog',
] as const
export type LossKind = (typeof lossKinds)[number]

/** Lost records and refused table entries, by kind. */
export const losses = array('tg_losses', { value: u64, maxEntries: lossKinds.length })

/** Maximum offset of a tail of the exec record. */
export const recordLimit = 0x7fff
/** Maximum size of an exec record. */
export const recordMax = 0xffff
/** Size of a buffer for a path or for variables. */
const bufferSize = 8192
/** Offsets of the exec program's buffers in its scratch memory. */
export const execBuffers = {
  cwd: { offset: recordMax + 1 },
  executable: { offset: recordMax + 1 + bufferSize },
  variables: { offset: recordMax + 1 + 2 * bufferSize },
  // Only numbers, which are in free space at the end of the first buffer.
  upper: { offset: recordMax + 1 + 256 },
  session: { offset: recordMax + 1 + 264 },
  ranges: { offset: recordMax + 1 + 512 },
} as const

/** Offset and size of the task facts that it keeps until it writes the record. */
export const taskBuffer = { offset: recordMax + 1 + 3 * bufferSize, size: 256 } as const

/** Offset of the task facts that the fork program keeps until it writes the record. */
export const factsBuffer = { offset: 256, size: 256 } as const

/** Where it builds a fork record that is kept in the kernel. */
export const forkBuffer = { offset: 512, size: 512 } as const

/**
 * Memory in which the fork program, or a walk, builds the table's entry: one piece per CPU,
 * and a map for each program, since an iterator may be preempted.
 */
export const entryScratch = (cpus: number) =>
  array('tg_entry', { value: arrayOf(u8, forkBuffer.offset + forkBuffer.size), maxEntries: cpus })

/** Memory in which the exec program builds its records, one piece per CPU. */
export const execScratch = (cpus: number) =>
  array('tg_exec_scratch', {
    value: arrayOf(u8, taskBuffer.offset + taskBuffer.size),
    maxEntries: cpus,
  })
