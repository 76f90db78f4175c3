import type { HookStatus } from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'

/** How often a selector of a hook decided so, since the policy was loaded. */
export interface SelectorCounts {
  /** As the policy names it: function, list, `subsystem/event`. */
  readonly hook: string
  /** Place of the hook in its section. */
  readonly hookIndex: number
  /** 0 for a hook without selectors. */
  readonly selectorIndex: number
  readonly selectorLabel: string
  readonly post: number
  /** Hits that matched and were held back: by NoPost, or by a rate limit. */
  readonly nopost: number
  /** In the mode `monitor`: matches of which each would have been an action that enforces. */
  readonly monitored: MonitoredCounts
}

/** What was only counted, by kind of action. */
export interface MonitoredCounts {
  readonly signal: number
  readonly override: number
  readonly notifyEnforcer: number
  readonly set: number
}

/** What the kernel holds of a policy. */
export interface LoadedState {
  /** Its programs and maps, and its share of those that it uses together with others. */
  readonly kernelMemoryBytes: number
  /** One for each hook of the policy, in their order. */
  readonly hooks: readonly HookStatus[]
  readonly counts: readonly SelectorCounts[]
}

/** A policy that watches. Changes wait for each other. */
export interface PolicyInKernel {
  state(): LoadedState
  /**
   * Puts another policy in its place, without a moment in which neither watches.
   * @throws AgentError with all that is wrong; then this one goes on
   */
  replace(document: PolicyDocument): Promise<PolicyInKernel>
  /** Takes it out of the kernel. After an error it may be tried again. */
  unload(): Promise<void>
}

/** Puts policies into the kernel. */
export interface PolicyLoader {
  /**
   * Whether this release carries out what a policy asks for, whatever the kernel offers.
   * @param action what was asked for, such as `replace`
   * @throws AgentError with all that it does not
   */
  check(document: PolicyDocument, action: string): void
  /** @throws AgentError with all that is wrong */
  load(document: PolicyDocument): Promise<PolicyInKernel>
}
