import {
  formatDiagnostics,
  lengthProblem,
  type PolicyDocument,
  readPolicies,
  readPoliciesInSteps,
  sizeProblem,
} from '@tetragon-ts/policy'
import { RequestError } from '../../request-error.ts'
import { inTurns } from '../registry/in-turns.ts'

/**
 * Reads the text of one policy from a client, with other calls in between: a long one takes a
 * second. @throws RequestError with all errors
 */
export async function readClientText(yaml: string): Promise<PolicyDocument> {
  refuseFor(lengthProblem(yaml))
  const steps = readPoliciesInSteps(yaml, 'policy.yaml', 'stranger')
  const { documents, diagnostics } = await inTurns(steps)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    throw new RequestError('invalid', `read policy:\n${formatDiagnostics(errors, yaml)}`)
  }
  const [document, ...others] = documents
  if (others.length > 0) {
    const count = documents.length
    throw new RequestError('invalid', `read policy: expected one policy, found ${count}`)
  }
  refuseFor(sizeProblem(document))
  return document
}

/** @throws RequestError for a problem */
function refuseFor(problem: string | undefined): void {
  if (problem !== undefined) throw new RequestError('invalid', `read policy: ${problem}`)
}

/**
 * Reads a stored text, perhaps of an earlier release. If it is not readable any more, the document
 * is an empty policy of the same name, so that the policy is listed with the reason until it is
 * deleted or replaced.
 */
export async function readStoredText(
  name: string,
  yaml: string,
): Promise<{ document: PolicyDocument; unreadable?: string }> {
  try {
    return { document: await readClientText(yaml) }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const document = emptyPolicy(name)
    if (document === undefined) throw error
    return { document, unreadable: error.message }
  }
}

/**
 * A policy without hooks, in place of one that cannot be read; undefined for an illegal name.
 * @param file its name in diagnostics
 */
export function emptyPolicy(name: string, file = 'policy.yaml'): PolicyDocument | undefined {
  const metadata = `metadata: {name: ${JSON.stringify(name)}}`
  const text = `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\n${metadata}\nspec: {}\n`
  return readPolicies(text, file).documents[0]
}
