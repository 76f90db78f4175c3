import { isDeepStrictEqual } from 'node:util'
import { escapeUnprintable } from '@tetragon-ts/api'
import { fields } from '@tetragon-ts/kubernetes'
import {
  findUnsupported,
  formatDiagnostic,
  type PolicyContent,
  policyContent,
  policyKinds,
  readPolicyContent,
} from '@tetragon-ts/policy'
import {
  type AdmissionHandler,
  type AdmissionRequest,
  ReviewTooLarge,
  type Verdict,
} from './admission.ts'
import { countValues } from './count-values.ts'
import { verdictOf, withFurtherWarnings } from './verdict-of.ts'

/**
 * Maximum size of a policy that is reviewed, in characters and in values: the slowest ones take
 * some tenths of a second and 30 MB. Agents accept larger ones.
 */
const charactersMax = 1 << 16
const valuesMax = 6000

/** What nodes do not support of a policy that is valid. */
export interface NodeChecks {
  /** @param ms until the API server gives up; undefined: unknown */
  warnings(policy: PolicyContent, ms?: number): Promise<readonly string[]>
}

/**
 * Decides about TracingPolicy and TracingPolicyNamespaced objects: what all agents would refuse is
 * refused. Support on some nodes only is a warning. Options of agents are unknown here.
 * @param nodes undefined: kernels are unknown too
 */
export const policyHandler = (nodes?: NodeChecks): AdmissionHandler => ({
  review: (request, ms) => reviewPolicy(request, nodes, ms),
  unreviewed: (problem) => ({
    allowed: true,
    warnings: [`the policy was not validated: ${problem}; agents validate it when they load it`],
  }),
})

function reviewPolicy(
  { kind, namespace, name, object, oldObject }: AdmissionRequest,
  nodes: NodeChecks | undefined,
  ms: number | undefined,
): Verdict | Promise<Verdict> {
  const policyKind = policyKinds.find((each) => each.kind === kind)
  if (policyKind === undefined || isSamePolicy(object, oldObject)) return { allowed: true }
  const metadata = { ...fields(object.metadata), namespace }
  // Names that the API server makes are always legal.
  const named = { ...metadata, name: fields(metadata).name ?? (name || 'generated') }
  const policy = policyContent(policyKind, { metadata: named, spec: object.spec })
  if (policy === undefined) return { allowed: true }
  const json = JSON.stringify(policy.content)
  if (json.length > charactersMax) {
    throw new ReviewTooLarge(`it has more than ${charactersMax} characters`)
  }
  if (countValues(Buffer.from(json)) > valuesMax) {
    throw new ReviewTooLarge(`it has more than ${valuesMax} values`)
  }
  const { document, diagnostics } = readPolicyContent(policy)
  const unsupported = document === undefined ? [] : findUnsupported(document.forNode())
  const problems = [...diagnostics, ...unsupported].map((each) => {
    return { severity: each.severity, line: `${formatDiagnostic(each)} [${each.code}]` }
  })
  const verdict = verdictOf(problems)
  return verdict.allowed && nodes ? withWarnings(verdict, nodes.warnings(policy, ms)) : verdict
}

/** A policy is stored even if the checks fail. */
async function withWarnings(
  verdict: Verdict,
  others: Promise<readonly string[]>,
): Promise<Verdict> {
  const failed = ({ message }: Error) => [
    escapeUnprintable(`the policy was not checked for the kernels of nodes: ${message}`),
  ]
  return withFurtherWarnings(verdict, await others.catch(failed))
}

/**
 * Whether nothing changes that makes an object a policy, or it is being deleted: an invalid policy
 * that exists must not keep its finalizers, labels and status.
 */
function isSamePolicy(object: Fields, oldObject: Fields): boolean {
  if (fields(object.metadata).deletionTimestamp !== undefined) return true
  return oldObject.spec !== undefined && isDeepStrictEqual(object.spec, oldObject.spec)
}

type Fields = AdmissionRequest['object']
