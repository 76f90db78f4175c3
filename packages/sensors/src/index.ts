// The interface between kernel and user space for the reader: the ring and process records.
// `hooks.ts` has the same for policy hooks.

/** The ring, the process table and losses. */

export {
  backlogSize,
  defaultProcessTableSize,
  defaultRingSize,
  events,
  heldExecs,
  heldForksOf,
  type LossKind,
  losses,
  lossKinds,
  processTable,
} from './kernel/maps.ts'
export { nestedGroups, newWorkload, outerGroups, workloadTable } from './kernel/workload-table.ts'

/**
 * Records of processes and control groups. A record that only one program sends is in the module of
 * that program, exported as `process/…`.
 */

export { isFtraceOff } from './kernel/ftrace.ts'
export { preemptsPrograms } from './kernel/preemption.ts'
export type { CgroupRate } from './process/cgroup-rate.ts'
export {
  GroupEndRecord,
  GroupRecord,
  groupNameMax,
  WorkloadEntry,
  workloadSetsMax,
} from './records/control-groups.ts'
export { kindOf, recordKind } from './records/kinds.ts'
export {
  BacklogRecord,
  basicContent,
  DataRecord,
  dataStream,
  type ExecContent,
  ExitRecord,
  execMarks,
  filterVotes,
  HeldExec,
  namespaceNames,
  ProcessEntry,
  ProcessKey,
  type ProcessRecords,
  processRecords,
  type RecordContent,
} from './records/process.ts'

/** Limits that both sides use, and names for numbers in records. */

export { hostNamespaceNumber, namespaceNumber } from './kernel/namespace-number.ts'
export { type WaitingLimits, waitingLimits } from './records/waiting-limits.ts'
