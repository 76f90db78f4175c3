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

/* Records of processes and control groups. */

export { type CgroupRate, quietTime, reportInterval } from './records/cgroup-rate.ts'
export {
  basicContent,
  DataRecord,
  dataStream,
  ExitRecord,
  GroupRecord,
  groupNameMax,
  kindOf,
  namespaceNames,
  ProcessEntry,
  ProcessKey,
  type ProcessRecords,
  processRecords,
  recordKind,
  ThrottleRecord,
} from './records/process.ts'

/* Limits that both sides keep, and what records name by a number. */

export { hostNamespaceNumber } from './kernel/namespace-number.ts'
export { type WaitingLimits, waitingLimits } from './records/waiting-limits.ts'
