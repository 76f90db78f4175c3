// What crosses the border between the kernel and user space, for the side that reads it: the ring
// and the records of processes. `hooks.ts` has the same for the hooks of policies.

/* The ring, the process table and what can be lost. */

export {
  defaultProcessTableSize,
  defaultRingSize,
  events,
  type LossKind,
  lossKinds,
  processTable,
} from './kernel/maps.ts'

/*
 * Records of processes and control groups. A record of an event that no other program sends is in
 * the module of its program, which is exported as `process/…`.
 */

export type { CgroupRate } from './process/cgroup-rate.ts'
export { kindOf, recordKind } from './records/kinds.ts'
export {
  basicContent,
  DataRecord,
  dataStream,
  ExitRecord,
  GroupRecord,
  groupNameMax,
  namespaceNames,
  ProcessEntry,
  ProcessKey,
  type ProcessRecords,
  processRecords,
} from './records/process.ts'

/* Limits that both sides keep, and what records name by a number. */

export { hostNamespaceNumber } from './kernel/namespace-number.ts'
export { type WaitingLimits, waitingLimits } from './records/waiting-limits.ts'
