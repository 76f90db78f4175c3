import { extensionNumber } from '../extension-fields.ts'
import type { MessageOf } from '../message.ts'
import { bool, many, message, nested, oneOf, optional, string } from '../message.ts'
import { TracingPolicyMode, TracingPolicyStatus } from './policy-status.ts'

/** Changes of policies at run time. */

export const ListTracingPoliciesRequest = message('ListTracingPoliciesRequest', {
  /** Empty: of all, except that of detection rules. */
  domain: string(1),
  /** Ours: also the policies of detection rules, which no user has written. */
  rules: bool(extensionNumber('ListTracingPoliciesRequest.rules')),
})
export type ListTracingPoliciesRequest = MessageOf<typeof ListTracingPoliciesRequest>

export const ListTracingPoliciesResponse = message('ListTracingPoliciesResponse', {
  policies: many(nested(1, TracingPolicyStatus)),
})
export type ListTracingPoliciesResponse = MessageOf<typeof ListTracingPoliciesResponse>

export const AddTracingPolicyRequest = message('AddTracingPolicyRequest', {
  yaml: string(1),
  domain: string(2),
  /** Ours: it replaces a policy with the same id, which otherwise must not exist. */
  replace: bool(extensionNumber('AddTracingPolicyRequest.replace')),
})
export type AddTracingPolicyRequest = MessageOf<typeof AddTracingPolicyRequest>

export const AddTracingPolicyResponse = message('AddTracingPolicyResponse', {})
export type AddTracingPolicyResponse = MessageOf<typeof AddTracingPolicyResponse>

export const DeleteTracingPolicyRequest = message('DeleteTracingPolicyRequest', {
  name: string(1),
  namespace: string(2),
  domain: string(3),
})
export type DeleteTracingPolicyRequest = MessageOf<typeof DeleteTracingPolicyRequest>

export const DeleteTracingPolicyResponse = message('DeleteTracingPolicyResponse', {})
export type DeleteTracingPolicyResponse = MessageOf<typeof DeleteTracingPolicyResponse>

export const EnableTracingPolicyRequest = message('EnableTracingPolicyRequest', {
  name: string(1),
  namespace: string(2),
  domain: string(3),
})
export type EnableTracingPolicyRequest = MessageOf<typeof EnableTracingPolicyRequest>

export const EnableTracingPolicyResponse = message('EnableTracingPolicyResponse', {})
export type EnableTracingPolicyResponse = MessageOf<typeof EnableTracingPolicyResponse>

export const DisableTracingPolicyRequest = message('DisableTracingPolicyRequest', {
  name: string(1),
  namespace: string(2),
  domain: string(3),
})
export type DisableTracingPolicyRequest = MessageOf<typeof DisableTracingPolicyRequest>

export const DisableTracingPolicyResponse = message('DisableTracingPolicyResponse', {})
export type DisableTracingPolicyResponse = MessageOf<typeof DisableTracingPolicyResponse>

export const ConfigureTracingPolicyRequest = message('ConfigureTracingPolicyRequest', {
  name: string(1),
  namespace: string(2),
  enable: optional(bool(3)),
  mode: optional(oneOf(4, TracingPolicyMode)),
  domain: string(5),
})
export type ConfigureTracingPolicyRequest = MessageOf<typeof ConfigureTracingPolicyRequest>

export const ConfigureTracingPolicyResponse = message('ConfigureTracingPolicyResponse', {})
export type ConfigureTracingPolicyResponse = MessageOf<typeof ConfigureTracingPolicyResponse>

export const ListDomainsRequest = message('ListDomainsRequest', {})
export type ListDomainsRequest = MessageOf<typeof ListDomainsRequest>

export const ListDomainsResponse = message('ListDomainsResponse', { domains: many(string(1)) })
export type ListDomainsResponse = MessageOf<typeof ListDomainsResponse>
