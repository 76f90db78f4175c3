// Loading the programs that watch processes.

export { programCopies } from '../kernel/program-copies.ts'
export { findCgroupHierarchy } from './cgroup-hierarchy.ts'
export type { CgroupHierarchy } from './identity.ts'
export { type HeldDescriptors, type LookupDescriptors, ProcessSensor } from './sensor.ts'
export { chooseWalk, type ProcessWalk } from './walk/index.ts'
export { createdGroups, enteredGroups, removedGroups, runningGroups } from './workload-groups.ts'
