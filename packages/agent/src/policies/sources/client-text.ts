import { formatDiagnostics, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { RequestError } from '../../request-error.ts'

/** Longer texts would block all clients for seconds, even if only to report an error. */
const longestText = 2 ** 20

/**
 * Maximum number of hooks and selectors: compiling and attaching take some milliseconds each and
 * block other clients. A list of functions is one hook, whatever its length. Files have no limit.
 */
const hooksMax = 1000
const selectorsMax = 2000

/** Reads the text of one policy from a client. @throws RequestError with all errors */
export function readClientText(yaml: string): PolicyDocument {
  if (yaml.length > longestText) {
    const message = `read policy: it has ${yaml.length} characters; the maximum is ${longestText}`
    throw new RequestError('invalid', message)
  }
  const { documents, diagnostics } = readPolicies(yaml, 'policy.yaml', 'stranger')
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    throw new RequestError('invalid', `read policy:\n${formatDiagnostics(errors, yaml)}`)
  }
  const [document, ...others] = documents
  if (others.length > 0) {
    const count = documents.length
    throw new RequestError('invalid', `read policy: expected one policy, found ${count}`)
  }
  checkSize(document)
  return document
}

/**
 * Reads a stored text, perhaps of an earlier release. If it is not readable any more, the document
 * is an empty policy of the same name, so that the policy is listed with the reason until it is
 * deleted or replaced.
 */
export function readStoredText(
  name: string,
  yaml: string,
): { document: PolicyDocument; unreadable?: string } {
  try {
    return { document: readClientText(yaml) }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const metadata = `metadata: {name: ${JSON.stringify(name)}}`
    const text = `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\n${metadata}\nspec: {}\n`
    const [document] = readPolicies(text, 'policy.yaml').documents
    if (document === undefined) throw error
    return { document, unreadable: error.message }
  }
}

/** @throws RequestError */
function checkSize({ policy: { hooks } }: PolicyDocument): void {
  const selectors = hooks.reduce((sum, hook) => sum + hook.selectors.length, 0)
  for (const [count, most, what] of [
    [hooks.length, hooksMax, 'hooks'],
    [selectors, selectorsMax, 'selectors'],
  ] as const) {
    if (count <= most) continue
    const message = `read policy: it has ${count} ${what}; the limit for clients is ${most}`
    throw new RequestError('invalid', message)
  }
}
