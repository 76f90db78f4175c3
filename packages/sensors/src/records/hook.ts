import { record, type Shape, u8, u16, u32, u64 } from '@tetragon-ts/ebpf/records'

// The parts of the records of policy hooks that are the same for all of them.

/** Maximum number of values in a record: one bit of `unreadable` for each. */
export const valuesMax = 64
/** Maximum length of a hook's record: all values, with 4 KiB of text each. */
export const recordMax = 1 << 19

/** Bits of a hook record's `flags`: all eight are taken. */
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
