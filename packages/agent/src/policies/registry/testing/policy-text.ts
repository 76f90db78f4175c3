import { type PolicyDocument, readPolicies } from '@tetragon-ts/policy'

/** Variable parts of a test policy. */
export interface PolicyParts {
  /** Empty: a policy of the whole node. */
  readonly namespace?: string
  readonly call?: string
  readonly action?: 'Post' | 'Sigkill'
}

/** The text of a policy with one hook. */
export function policyText(
  name: string,
  { namespace = '', call = 'sys_kill', action = 'Post' }: PolicyParts = {},
): string {
  return `apiVersion: cilium.io/v1alpha1
kind: ${namespace === '' ? 'TracingPolicy' : 'TracingPolicyNamespaced'}
metadata:
  name: ${name}
${namespace === '' ? '' : `  namespace: ${namespace}`}
spec:
  kprobes:
  - call: ${call}
    syscall: true
    selectors:
    - matchActions:
      - action: ${action}
`
}

/** A policy with one hook. */
export function policyDocument(name: string, parts?: PolicyParts): PolicyDocument {
  return readPolicies(policyText(name, parts), 'policy.yaml').documents[0]
}
