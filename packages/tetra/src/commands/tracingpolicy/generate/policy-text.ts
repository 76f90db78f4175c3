type Hook = Readonly<Record<string, unknown>>

/** Selectors for one program, or none. */
export function selectorsFor(binaries: readonly string[]): Hook {
  if (binaries.length === 0) return {}
  const matchBinaries = [{ operator: 'In', values: binaries }]
  return { selectors: [{ matchBinaries }] }
}

/** The text of a generated policy: its name must be a DNS label. */
export async function policyText(name: string, spec: object, comment = ''): Promise<string> {
  const { stringify } = await import('yaml')
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec,
  }
  const text = stringify(policy, { lineWidth: 100, aliasDuplicateObjects: false })
  return comment === '' ? text : `${comment.replace(/^/gm, '# ')}\n${text}`
}
