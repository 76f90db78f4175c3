import type {
  ActionCounter,
  GetPolicyProgramsResponse,
  HookStatus,
  MissedNotifications,
} from '@tetragon-ts/api'
import type { WorkloadSelection } from '@tetragon-ts/compiler/hooks'
import type { PolicyDocument } from '@tetragon-ts/policy'
import type { Loading } from './in-turns.ts'

/** Counters of a selector, since the policy was loaded. */
export interface SelectorCounts {
  /** As the policy names it: function, list, `subsystem/event`. */
  readonly hook: string
  /** Index of the hook in its section. */
  readonly hookIndex: number
  /** 0 for a hook without selectors. */
  readonly selectorIndex: number
  readonly selectorLabel: string
  readonly counts: Readonly<Record<ActionCounter, number>>
}

/** Kernel state of a policy. */
export interface LoadedState {
  /** Memory of its programs and maps, and its share of shared ones. */
  readonly kernelMemoryBytes: number
  /** One for each hook of the policy, in their order. */
  readonly hooks: readonly HookStatus[]
  readonly counts: readonly SelectorCounts[]
  /** Notifications of enforcers without effect. */
  readonly missed: readonly MissedNotifications[]
}

/** Workloads that a policy selects. */
export interface SelectedWorkloads {
  /** `spec`, or a selector such as `spec.kprobes[0].selectors[1]`. */
  readonly path: string
  /** Number of their set. */
  readonly set: number
  readonly selection: WorkloadSelection
}

/** Which programs of a policy to list. */
export interface WantedPrograms {
  /** Section of a hook, as in its status; empty: all hooks. */
  readonly section: string
  /** Index of the hook in its section. */
  readonly index: number
  /** Number of programs that earlier responses have listed. */
  readonly position: number
}

/** A loaded policy. Changes are serialized. */
export interface PolicyInKernel {
  state(): LoadedState
  /** Whether the kernel has changed its mode to `monitor`, because it has reached its limit. */
  readonly isAtLimit: boolean
  /** What it selects workloads by; without the path `spec` it applies to all. */
  workloads(): readonly SelectedWorkloads[]
  /** Its annotated programs, up to the size of a response. */
  programs(wanted: WantedPrograms): Promise<GetPolicyProgramsResponse>
  /**
   * Replaces it by another policy without a gap.
   * @throws AgentError with all errors; then this one stays
   */
  replace(document: PolicyDocument, loading?: Loading): Promise<PolicyInKernel>
  /**
   * Changes its mode. Once the promise is fulfilled, every decision follows the new mode.
   * @param document the policy with the new mode
   * @throws AgentError with all errors; then it is unchanged
   */
  setMode(document: PolicyDocument): Promise<PolicyInKernel>
  /** Unloads it. After an error it can be repeated. */
  unload(): Promise<void>
}

/** Loads policies into the kernel. */
export interface PolicyLoader {
  /**
   * Checks that the agent has the options that a policy requires, whatever the kernel supports.
   * @param action for errors, such as `replace`
   * @throws AgentError with all missing options
   */
  check(document: PolicyDocument, action: string): void
  /**
   * @param loading is informed of the progress, and can cancel it
   * @throws AgentError with all errors
   */
  load(document: PolicyDocument, loading?: Loading): Promise<PolicyInKernel>
}
