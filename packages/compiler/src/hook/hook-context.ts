import type { SourcePosition } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import type { Policy, PolicyDocument } from '@tetragon-ts/policy'
import type { LossKind } from '@tetragon-ts/sensors/kernel/maps'
import type { RingUse } from '@tetragon-ts/sensors/kernel/ring-share'
import type { HostNamespaces } from '@tetragon-ts/sensors/process/host-namespaces'
import type { CgroupHierarchy } from '@tetragon-ts/sensors/process/identity'
import type { UncertainWorkloads } from '../workloads/uncertain-workloads.ts'
import type { WorkloadSets } from '../workloads/workload-sets.ts'
import type { CodeContext } from './code-context.ts'
import type { FileSets } from './file-sets.ts'
import type { ProcessSetTests } from './membership.ts'
import type { Notifications } from './notifications.ts'
import type { OwnProcess } from './own-process.ts'
import type { ProcessLimit } from './process-limit.ts'

/** Context for building one program of a policy. */
export interface HookContext extends CodeContext {
  readonly policy: Policy
  readonly document: PolicyDocument
  readonly policyId: number
  readonly hookId: number
  /** Whether the policy has a FollowFD action: then only followed descriptors are posted. */
  readonly followsFiles: boolean
  /** Whether the policy tracks sockets: then socket events belong to the owner. */
  readonly tracksSocks: boolean
  readonly hostNamespace: HostNamespaces
  /** The agent, whose own operations are not observed; undefined if its pid is unknown. */
  readonly agent: OwnProcess | undefined
  /** The hierarchy of the containers' control groups. */
  readonly hierarchy: CgroupHierarchy
  /** What the hook's records, with their long values, may use of the ring. */
  readonly ring: RingUse
  readonly processSets: ProcessSetTests
  readonly workloads: WorkloadSets
  /** Files that conditions name. */
  readonly fileSets: FileSets
  /** Collects the workloads that are unknown. */
  readonly uncertain: UncertainWorkloads
  /** Not 0 while the policy enforces; undefined if it has no enforcing action. */
  readonly mode: MapSpec | undefined
  /** Set if the policy limits itself. */
  readonly limit: ProcessLimit | undefined
  /** Set if the policy has the action NotifyEnforcer. */
  readonly notifications: Notifications | undefined
  /** Index of the hook in the policy. */
  readonly hookIndex: number
  countLoss(kind: LossKind): void
  /** Emits `body` at the position of this path of the spec. */
  at<T>(path: string, body: () => T): T
  /** The same for a body in steps. */
  atInSteps(path: string, body: () => Steps<void>): Steps<void>
}

/** Position of a part of a policy, for line info and verifier errors. */
export function policyPosition(document: PolicyDocument, path: string): SourcePosition {
  const { line, column } = document.position(path)
  return { file: document.file, line, column, text: path }
}
