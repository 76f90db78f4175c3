import { type Policy, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'

/** The policy with this spec, which is indented here. @throws Error if it is invalid */
export function policyOf(spec: string): Policy {
  return documentOf(spec).policy
}

/** The same with its text. */
export function documentOf(spec: string): PolicyDocument {
  const head =
    'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: test\nspec:\n'
  const text = `${head}${spec.trim().replace(/^/gm, '  ')}\n`
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  const [document] = documents
  if (document === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return document
}
