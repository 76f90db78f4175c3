import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Policy, PolicyDocument } from '@tetragon-ts/policy'
import type { HostNamespaces } from '@tetragon-ts/sensors/process/host-namespaces'
import type { CgroupHierarchy } from '@tetragon-ts/sensors/process/identity'
import type { FileSets } from '../hook/file-sets.ts'
import type { Notifications } from '../hook/notifications.ts'
import type { OwnProcess } from '../hook/own-process.ts'
import type { ProcessLimit } from '../hook/process-limit.ts'
import type { ProcessSets } from '../process-sets/process-set.ts'
import type { WorkloadSets } from '../workloads/workload-sets.ts'
import type { PolicyCounts } from './counts.ts'

/** State shared by the hooks of a policy. */
export interface PolicyScope {
  readonly policy: Policy
  readonly document: PolicyDocument
  readonly policyId: number
  /** Whether it has a FollowFD action. */
  readonly followsFiles: boolean
  /** Whether it tracks sockets. */
  readonly tracksSocks: boolean
  readonly btf: Btf
  readonly processSets: ProcessSets
  readonly workloads: WorkloadSets
  readonly fileSets: FileSets
  readonly hostNamespace: HostNamespaces
  readonly agent: OwnProcess | undefined
  readonly hierarchy: CgroupHierarchy
  readonly ringSize: number
  /** Counters of its selectors. */
  readonly counts: PolicyCounts
  /** Not 0 while it enforces; undefined if it has no enforcing action. */
  readonly mode: MapSpec | undefined
  /** Set if it limits itself. */
  readonly limit: ProcessLimit | undefined
  /** Whether enforcing actions spare some executables. */
  readonly hasGuards: boolean
  /** Set if it has the action NotifyEnforcer. */
  readonly notifications: Notifications | undefined
}
