import { arrayOf, record, u8, u32, u64 } from '@tetragon-ts/ebpf/records'

/** Maximum number of names in a group's record, and bytes of each. */
export const groupNames = 6
export const groupNameMax = 256
/** Maximum length of the name of a folder, with its zero. */
export const folderNameMax = 128

/** A control group that the reader has not seen; sent before the first process in it. */
export const GroupRecord = record('group', {
  kind: u32,
  /** The process that created or entered the group; 0 if its own record follows. */
  pid: u32,
  cgroup: u64,
  /**
   * The user who may have created the outermost named group: the owner of its folder. Only root can
   * be a container runtime; others can give their groups any name.
   */
  owner: u32,
  padding: u32,
  /**
   * Names of the group and its parents that may contain a container id, outermost last; otherwise
   * empty.
   */
  names: arrayOf(u8, groupNames * groupNameMax),
  /** Name of the folder of the outermost named group: kubelets put the uid of the pod into it. */
  folder: arrayOf(u8, folderNameMax),
})

/** A control group of the table of workloads was removed. */
export const GroupEndRecord = record('group_end', { kind: u32, padding: u32, cgroup: u64 })

/** Maximum number of sets of workloads of all policies together. */
export const workloadSetsMax = 2048

/**
 * Sets of workloads that a control group belongs to: a bit for each set, by its number. Both bits
 * are never set.
 */
export const WorkloadEntry = record('workload', {
  /** Not 0 if its container belongs to no pod: containers inside it may. */
  isOutside: u32,
  /** Not 0 if its container belongs to a pod: groups inside it have no entry of their own. */
  isInPod: u32,
  members: arrayOf(u8, workloadSetsMax / 8),
  /** Sets for which it is not known yet. */
  unknown: arrayOf(u8, workloadSetsMax / 8),
})
