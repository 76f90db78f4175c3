import type { MessageOf } from '../message.ts'
import {
  bool,
  bytes,
  duration,
  many,
  mapOf,
  message,
  nested,
  string,
  stringMap,
  timestamp,
  uint32,
  uint64,
} from '../message.ts'

/** Messages of the service `tetragonts.Inspect`, which Tetragon does not have. */

export const PolicyText = message('PolicyText', {
  name: string(1),
  namespace: string(2),
  domain: string(3),
  /** The policy as it was added. */
  yaml: string(4),
})
export type PolicyText = MessageOf<typeof PolicyText>

export const GetPoliciesRequest = message('GetPoliciesRequest', {})
export type GetPoliciesRequest = MessageOf<typeof GetPoliciesRequest>

export const GetPoliciesResponse = message('GetPoliciesResponse', {
  policies: many(nested(1, PolicyText)),
})
export type GetPoliciesResponse = MessageOf<typeof GetPoliciesResponse>

export const GetKernelRequest = message('GetKernelRequest', { with_description: bool(1) })
export type GetKernelRequest = MessageOf<typeof GetKernelRequest>

/** The kernel of a node, to check policies elsewhere. */
export const GetKernelResponse = message('GetKernelResponse', {
  /** SHA-256 of the description, in hexadecimal: equal kernels have the same. */
  hash: string(1),
  /** Output of `uname -r`. */
  release: string(2),
  /** Size of the description in bytes. */
  size: uint32(3),
  /** A file of `tetragon kernel describe`; empty if it was not requested. */
  description: bytes(4),
})
export type GetKernelResponse = MessageOf<typeof GetKernelResponse>

/** A program of the agent in the kernel. Runs are counted while a client watches programs. */
export const KernelProgram = message('KernelProgram', {
  id: uint32(1),
  name: string(2),
  type: string(3),
  /** Empty: the agent's own. */
  policy: string(4),
  instructions: uint32(5),
  jited_bytes: uint32(6),
  memory_bytes: uint64(7),
  run_count: uint64(8),
  run_time_ns: uint64(9),
  /** Runs that the kernel skipped because the program was already running on the CPU. */
  recursion_misses: uint64(10),
})
export type KernelProgram = MessageOf<typeof KernelProgram>

export const WatchProgramsRequest = message('WatchProgramsRequest', {
  /** Time between two responses; a second if not set. */
  interval: duration(1),
})
export type WatchProgramsRequest = MessageOf<typeof WatchProgramsRequest>

export const WatchProgramsResponse = message('WatchProgramsResponse', {
  /** Since the last response; not set in the first one, which is sent immediately. */
  elapsed: duration(1),
  programs: many(nested(2, KernelProgram)),
})
export type WatchProgramsResponse = MessageOf<typeof WatchProgramsResponse>

/** A map of the agent in the kernel. */
export const KernelMap = message('KernelMap', {
  id: uint32(1),
  name: string(2),
  type: string(3),
  /** Empty: the agent's own. */
  policy: string(4),
  key_bytes: uint32(5),
  value_bytes: uint32(6),
  max_entries: uint32(7),
  memory_bytes: uint64(8),
})
export type KernelMap = MessageOf<typeof KernelMap>

export const GetMapsRequest = message('GetMapsRequest', {})
export type GetMapsRequest = MessageOf<typeof GetMapsRequest>

export const GetMapsResponse = message('GetMapsResponse', { maps: many(nested(1, KernelMap)) })
export type GetMapsResponse = MessageOf<typeof GetMapsResponse>

/** An entry of the kernel side's table of processes. */
export const TableEntry = message('TableEntry', {
  pid: uint32(1),
  /** Boot time at which this image began. */
  ktime_ns: uint64(2),
  parent_pid: uint32(3),
  parent_ktime_ns: uint64(4),
  namespace_pid: uint32(5),
})
export type TableEntry = MessageOf<typeof TableEntry>

export const GetProcessTableRequest = message('GetProcessTableRequest', {})
export type GetProcessTableRequest = MessageOf<typeof GetProcessTableRequest>

export const GetProcessTableResponse = message('GetProcessTableResponse', {
  entries: many(nested(1, TableEntry)),
  max_entries: uint32(2),
})
export type GetProcessTableResponse = MessageOf<typeof GetProcessTableResponse>

export const GetLossesRequest = message('GetLossesRequest', {})
export type GetLossesRequest = MessageOf<typeof GetLossesRequest>

/** A queue of the agent, and how full it is: what does not fit is lost. */
export const QueueFill = message('QueueFill', {
  /**
   * `ring`: records of the kernel; `export`: lines for the file or standard output; `server`:
   * events for the gRPC server; `clients`: events for the client whose queue is the fullest.
   */
  name: string(1),
  /** `bytes` or `events`. */
  unit: string(2),
  used: uint64(3),
  size: uint64(4),
  /** Maximum of `used` since the start of the agent; 0: unknown. */
  peak: uint64(5),
})
export type QueueFill = MessageOf<typeof QueueFill>

export const GetLossesResponse = message('GetLossesResponse', {
  /** Losses by kind since the start of the agent. */
  losses: mapOf(uint64(1)),
  /** When the agent was started. */
  start_time: timestamp(2),
  /** Records of the kernel that were read since then. */
  records: uint64(3),
  queues: many(nested(4, QueueFill)),
})
export type GetLossesResponse = MessageOf<typeof GetLossesResponse>

export const WatchActivityRequest = message('WatchActivityRequest', {
  /** Time between two responses; a second if not set. */
  interval: duration(1),
})
export type WatchActivityRequest = MessageOf<typeof WatchActivityRequest>

/** Count of a system call or event of a process. */
export const ActivityCount = message('ActivityCount', {
  /** A system call such as `openat`, with the ABI as a prefix if it is not the default. */
  name: string(1),
  count: uint64(2),
})
export type ActivityCount = MessageOf<typeof ActivityCount>

/** Activity of a process since the last response. */
export const ProcessActivity = message('ProcessActivity', {
  pid: uint32(1),
  /** Binary of the process, if the agent knows it. */
  exec_id: string(2),
  binary: string(3),
  arguments: string(4),
  namespace: string(5),
  pod: string(6),
  syscalls: many(nested(7, ActivityCount)),
  /** Events by their type, such as `process_exec`. */
  events: many(nested(8, ActivityCount)),
})
export type ProcessActivity = MessageOf<typeof ProcessActivity>

export const WatchActivityResponse = message('WatchActivityResponse', {
  /** Length of the interval. */
  elapsed: duration(1),
  processes: many(nested(2, ProcessActivity)),
  /** System calls that did not fit into the table of counters. */
  uncounted_syscalls: uint64(3),
  /** Events that arrived faster than they could be counted. */
  lost_events: uint64(4),
  /** Why system calls are not counted; empty if they are. */
  counts_syscalls: bool(5),
  syscalls_error: string(6),
})
export type WatchActivityResponse = MessageOf<typeof WatchActivityResponse>

/** A condition on a label, as in `matchExpressions`; `matchLabels` are `In` with one value. */
export const LabelCondition = message('LabelCondition', {
  key: string(1),
  operator: string(2),
  values: many(string(3)),
})
export type LabelCondition = MessageOf<typeof LabelCondition>

/** Conditions that must all be met; none: all labels are selected. */
export const LabelConditions = message('LabelConditions', {
  conditions: many(nested(1, LabelCondition)),
})
export type LabelConditions = MessageOf<typeof LabelConditions>

/** What a policy, or a selector of it, selects workloads by. */
export const WorkloadSelector = message('WorkloadSelector', {
  /** `spec`, or a selector such as `spec.kprobes[0].selectors[1]`. */
  path: string(1),
  /** Number of its set of workloads. */
  set: uint32(2),
  /** Namespace of the pods; empty: all. */
  namespace: string(3),
  /** Labels of pods; not set: they do not matter. */
  pods: nested(4, LabelConditions),
  /** Name (`name`) and image (`repo`) of containers; not set: they do not matter. */
  containers: nested(5, LabelConditions),
  /** Whether processes outside of pods are selected. */
  host: bool(6),
})
export type WorkloadSelector = MessageOf<typeof WorkloadSelector>

/** An enabled policy. Without a selector of the path `spec` it applies to all processes. */
export const PolicyWorkloads = message('PolicyWorkloads', {
  name: string(1),
  namespace: string(2),
  domain: string(3),
  selectors: many(nested(4, WorkloadSelector)),
})
export type PolicyWorkloads = MessageOf<typeof PolicyWorkloads>

/** A container, and the sets of workloads that it belongs to. */
export const NodeWorkload = message('NodeWorkload', {
  /** Id of its control group. */
  cgroup_id: uint64(1),
  /** Number of control groups, with those inside of it. */
  cgroups: uint32(2),
  /** `pod`, `outside` of pods, or `unknown` until the pod is found. */
  state: string(3),
  namespace: string(4),
  pod: string(5),
  /** Empty for the sandbox of the pod. */
  container: string(6),
  container_id: string(7),
  /** Name of the image without tag and digest. */
  repository: string(8),
  /** Labels of the pod that a selector names. */
  labels: stringMap(9),
  labels_known: bool(10),
  sets: many(uint32(11)),
  /** Sets of which it is not known yet whether it belongs to them. */
  unknown_sets: many(uint32(12)),
})
export type NodeWorkload = MessageOf<typeof NodeWorkload>

export const GetWorkloadsRequest = message('GetWorkloadsRequest', {})
export type GetWorkloadsRequest = MessageOf<typeof GetWorkloadsRequest>

export const GetWorkloadsResponse = message('GetWorkloadsResponse', {
  policies: many(nested(1, PolicyWorkloads)),
  /** Containers; none while no policy selects workloads. */
  workloads: many(nested(2, NodeWorkload)),
})
export type GetWorkloadsResponse = MessageOf<typeof GetWorkloadsResponse>
