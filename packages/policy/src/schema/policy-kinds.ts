import type { Rule } from '../fields/schema.ts'

/** A kind of policy in the API server. */
export interface PolicyKind {
  readonly kind: 'TracingPolicy' | 'TracingPolicyNamespaced'
  readonly plural: string
  readonly shortName: string
  readonly scope: 'Cluster' | 'Namespaced'
  readonly rules: readonly Rule[]
}

function mustNotHave(field: string, isList: boolean): Rule {
  const empty = isList ? ` || size(self.${field}) == 0` : ''
  return {
    rule: `!has(self.${field})${empty}`,
    message: `a TracingPolicyNamespaced cannot have ${field}`,
  }
}

/** Both kinds; they differ in their scope and in the fields that a namespaced policy may have. */
export const policyKinds: readonly PolicyKind[] = [
  {
    kind: 'TracingPolicy',
    plural: 'tracingpolicies',
    shortName: 'tgtp',
    scope: 'Cluster',
    rules: [],
  },
  {
    kind: 'TracingPolicyNamespaced',
    plural: 'tracingpoliciesnamespaced',
    shortName: 'tgtpn',
    scope: 'Namespaced',
    rules: [
      mustNotHave('hostSelector', false),
      mustNotHave('uprobes', true),
      mustNotHave('usdts', true),
    ],
  },
]
