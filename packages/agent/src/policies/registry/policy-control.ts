import type { PolicyText, TracingPolicyStatus } from '@tetragon-ts/api'

/** Which policy: a name may occur once in each namespace of each domain. */
export interface PolicyId {
  readonly name: string
  /** Empty: a policy of the whole node. */
  readonly namespace: string
  /** Who manages it, such as `grpc`. */
  readonly domain: string
}

/** Whether a policy's actions that enforce do what they say, or are only counted. */
export type PolicyMode = 'enforce' | 'monitor'

/** What can be changed of an existing policy. */
export interface PolicyChange {
  readonly enable?: boolean
  readonly mode?: PolicyMode
}

/** A policy that a client names; without a domain it is in that of the source `grpc`. */
export type NamedPolicy = Omit<PolicyId, 'domain'> & { readonly domain?: string | undefined }

/** What clients may do with policies at run time. Every method throws RequestError, AgentError. */
export interface PolicyControl {
  /**
   * Loads the policy of a text. A policy with the same id must not exist, except one whose load
   * failed.
   * @param domain undefined: `grpc`
   * @param replace replaces an existing one without a gap; on error that one stays
   */
  add(yaml: string, domain?: string, replace?: boolean): Promise<void>
  remove(policy: NamedPolicy): Promise<void>
  configure(policy: NamedPolicy, change: PolicyChange): Promise<void>
  /** All, or those of one domain. */
  list(domain?: string): Promise<TracingPolicyStatus[]>
  domains(): Promise<string[]>
  /** The texts of all. */
  texts(): Promise<PolicyText[]>
}
