import { escapeUnprintable } from '@tetragon-ts/api'

type Hook = Readonly<Record<string, unknown>>

/** Selectors for one program, or none. */
export function selectorsFor(binaries: readonly string[]): Hook {
  if (binaries.length === 0) return {}
  const matchBinaries = [{ operator: 'In', values: binaries }]
  return { selectors: [{ matchBinaries }] }
}

/** Comments in a generated policy. */
interface Comments {
  /** Comment in front of the policy, without `#`. */
  readonly head?: string
  /** Comments after numbers of the policy, by the number. */
  readonly ofNumbers?: ReadonlyMap<number, string>
}

/** The text of a generated policy: its name must be a DNS label. */
export async function policyText(
  name: string,
  spec: object,
  { head = '', ofNumbers }: Comments = {},
): Promise<string> {
  const { Document, visit } = await import('@tetragon-ts/policy/yaml')
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec,
  }
  const document = new Document(policy, { aliasDuplicateObjects: false })
  if (ofNumbers !== undefined) {
    visit(document, {
      Scalar(_, node) {
        const text = ofNumbers.get(node.value as number)
        if (text !== undefined) node.comment = ` ${escapeUnprintable(text)}`
      },
    })
  }
  const text = document.toString({ lineWidth: 100 })
  return head === '' ? text : `${head.replace(/^/gm, '# ')}\n${text}`
}
