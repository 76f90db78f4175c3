import type { GetPolicyProgramsResponse, PolicyText, TracingPolicyStatus } from '@tetragon-ts/api'
import type { SelectedWorkloads, WantedPrograms } from './policy-loader.ts'

/** Identifies a policy: a name is unique within a namespace and domain. */
export interface PolicyId {
  readonly name: string
  /** Empty: a policy of the whole node. */
  readonly namespace: string
  /** Who manages it, such as `grpc`. */
  readonly domain: string
}

/** Whether enforcing actions of a policy are executed, or only counted. */
export type PolicyMode = 'enforce' | 'monitor'

/** Changeable properties of a policy. */
export interface PolicyChange {
  readonly enable?: boolean
  readonly mode?: PolicyMode
}

/**
 * A policy named by a client. The default domain is that of the source `grpc`; of names that belong
 * to detection rules, theirs.
 */
export type NamedPolicy = Omit<PolicyId, 'domain'> & { readonly domain?: string | undefined }

/** What an enabled policy selects workloads by; empty: it applies to all. */
export interface PolicySelections {
  readonly id: PolicyId
  readonly selected: readonly SelectedWorkloads[]
}

/** Which policies a client wants to see. */
export interface ListedPolicies {
  /** Undefined: of all domains. */
  readonly domain?: string | undefined
  /** Also those that detection rules need, if no domain is given. */
  readonly rules?: boolean | undefined
}

/** Operations of clients on policies. Every method throws RequestError, AgentError. */
export interface PolicyControl {
  /**
   * Loads a policy from its text. A policy with the same id must not exist, except one whose load
   * failed.
   * @param domain undefined: `grpc`
   * @param replace replaces an existing one without a gap; on error that one stays
   * @param read gets the id when the text has been read
   */
  add(
    yaml: string,
    domain?: string,
    replace?: boolean,
    read?: (id: PolicyId) => void,
  ): Promise<void>
  remove(policy: NamedPolicy): Promise<void>
  configure(policy: NamedPolicy, change: PolicyChange): Promise<void>
  list(wanted?: ListedPolicies): Promise<TracingPolicyStatus[]>
  domains(): Promise<string[]>
  /** The texts of all. */
  texts(): Promise<PolicyText[]>
  /** What the enabled ones select workloads by. */
  selections(): Promise<PolicySelections[]>
  /** Annotated programs of a loaded policy, up to the size of a response. */
  programs(policy: NamedPolicy, wanted: WantedPrograms): Promise<GetPolicyProgramsResponse>
}
