import { array, hashMap, ringBuffer } from '@tetragon-ts/ebpf/maps'
import { arrayOf, u8, u32, u64 } from '@tetragon-ts/ebpf/records'
import { ProcessEntry } from '../records/process.ts'

/** Default size of the ring in bytes: a tenth of a second of the heaviest load measured. */
export const defaultRingSize = 1 << 24

/** The ring that all records travel through. */
export const events = ringBuffer('tg_events', { size: defaultRingSize })

/** So many processes can be known at a time, unless the operator asks for more. */
export const defaultProcessTableSize = 65536

/** The process table with the given capacity. */
export const processTableOf = (maxEntries: number) =>
  hashMap('tg_processes', { key: u32, value: ProcessEntry, maxEntries, preallocate: false })

/**
 * Every live process by its pid (thread group id). Entries are allocated as processes appear, so
 * the memory follows their number; the limit is a safety net.
 */
export const processTable = processTableOf(defaultProcessTableSize)

/** What can go wrong in the kernel; each has a counter. */
export const lossKinds = [
  'exec',
  'fork',
  'exit',
  'running',
  'data',
  /** Names of control groups: whose container a process belongs to is not known. */
  'group',
  'table_full',
  /** Events of policies. */
  'hook',
  /** Descriptors that could not be followed, calls whose return could not be waited for. */
  'followed_full',
  'calls_full',
  /** Processes that found no room in a set: policies do not see that they belong to it. */
  'set_full',
  /** Hits while all memory of their CPU was in use. */
  'scratch_busy',
  /** Processes that started or ended in a control group that exceeds the rate. */
  'throttled',
  /** Events that a policy did not want posted as often as they came. */
  'rate_limited',
  /**
   * Events that were posted although an argument that their selector looks at could not be read.
   */
  'unreadable',
] as const
export type LossKind = (typeof lossKinds)[number]

/** Lost records and refused table entries, by kind. */
export const losses = array('tg_losses', { value: u64, maxEntries: lossKinds.length })

/** Largest offset at which a tail of the exec record starts. */
export const recordLimit = 0x7fff
/** Largest exec record. */
export const recordMax = 0xffff
/** Where the exec program's path buffer lies in its scratch memory, and its size. */
export const pathBuffer = { offset: recordMax + 1, size: 8192 } as const

/**
 * Where it keeps what it has read of a task until the record's turn comes, and the size of that.
 */
export const taskBuffer = { offset: pathBuffer.offset + pathBuffer.size, size: 256 } as const

/** Where the fork program keeps facts of the task until its record's turn comes. */
export const factsBuffer = { offset: 256, size: 256 } as const

/**
 * Memory in which the fork program, or the iterator, puts the table's entry together: one piece for
 * each CPU, and a map for each program, since an iterator may be preempted.
 */
export const entryScratch = (cpus: number) =>
  array('tg_entry', {
    value: arrayOf(u8, factsBuffer.offset + factsBuffer.size),
    maxEntries: cpus,
  })

/** Memory in which the exec program puts its records together, one piece for each CPU. */
export const execScratch = (cpus: number) =>
  array('tg_exec_scratch', {
    value: arrayOf(u8, taskBuffer.offset + taskBuffer.size),
    maxEntries: cpus,
  })
