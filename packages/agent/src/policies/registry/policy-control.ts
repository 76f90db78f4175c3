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

/** What can be changed of a policy that is there. */
export interface PolicyChange {
  readonly enable?: boolean
  readonly mode?: PolicyMode
}

/** Policies at run time. Every method throws RequestError. */
export interface PolicyControl {
  /**
   * Loads the policy of a text. One of the same id must not be there, but for one that failed.
   * @param replace the text takes the place of one that is there, without a gap; if that fails, the
   *   old one stays
   */
  add(yaml: string, domain: string, replace?: boolean): Promise<void>
  remove(id: PolicyId): Promise<void>
  configure(id: PolicyId, change: PolicyChange): Promise<void>
  /** All, or those of one domain. */
  list(domain?: string): Promise<TracingPolicyStatus[]>
  domains(): Promise<string[]>
  /** The texts of all. */
  texts(): Promise<PolicyText[]>
}
