import {
  checkPolicy,
  type DescribedKernel,
  type PolicyCheck,
} from '@tetragon-ts/compiler/kernel-description'
import { type Diagnostic, readPolicies } from '@tetragon-ts/policy'
import type { CaseVariables, Needs, PolicyCase } from './policy-case.ts'
import { caseTitle } from './policy-case.ts'
import { policyText } from './run-case.ts'

/** What a case does on a described kernel. */
export type CaseOnKernel =
  | { readonly kind: 'runs'; readonly cell: string; readonly check: PolicyCheck | undefined }
  /** Files decide that the description does not have, or the values of placeholders. */
  | { readonly kind: 'depends'; readonly check: PolicyCheck | undefined }
  | { readonly kind: 'cannot'; readonly reason: string; readonly check?: PolicyCheck }

/** Checks the policy of a case. @param place values of its placeholders */
export function caseOnKernel(
  policyCase: PolicyCase,
  kernel: DescribedKernel,
  place: CaseVariables,
): CaseOnKernel {
  const reason = lacksDescribed(policyCase.needs ?? {}, kernel)
  if (reason !== undefined) return { kind: 'cannot', reason }
  if (policyCase.refused) return { kind: 'runs', cell: 'none: refused', check: undefined }
  const { documents } = readPolicies(policyText(policyCase, place), caseTitle(policyCase))
  const [document] = documents
  if (document === undefined) return { kind: 'depends', check: undefined }
  const check = checkPolicy(document, kernel)
  if (check.verdict === 'depends') return { kind: 'depends', check }
  if (check.verdict === 'works') return { kind: 'runs', cell: cellOf(check), check }
  const reasons = errorsOf(check).map(({ message }) => message)
  return { kind: 'cannot', reason: reasons.join('; '), check }
}

/** The errors of a policy on a kernel. */
export function errorsOf({ hooks, problems }: PolicyCheck): readonly Diagnostic[] {
  const all = [...problems, ...hooks.flatMap((hook) => hook.problems)]
  return all.filter(({ severity }) => severity === 'error')
}

/** Back ends, and the means of actions that enforce. */
function cellOf({ hooks }: PolicyCheck): string {
  const ways = hooks.flatMap((hook) => hook.ways)
  const backends = ways.map(({ backend }) => backend)
  const means = ways.flatMap(({ enforcement }) =>
    enforcement.flatMap(({ action, means, guarantee }) => {
      return means && guarantee !== 'monitors' ? [`${action} by ${means}`] : []
    }),
  )
  const unique = [...new Set(backends)].join(', ') || 'none'
  return means.length === 0 ? unique : `${unique}; ${[...new Set(means)].join(', ')}`
}

/**
 * What a case needs and the kernel lacks. Functions that it needs may be those of modules, which
 * are not described; without a function that the policy hooks, it fails.
 */
function lacksDescribed(
  { probes = [] }: Needs,
  { description }: DescribedKernel,
): string | undefined {
  const unknown = { answer: 'no', reason: 'it is not described' } as const
  const all = probes.map((name) => ({ name, ...(description.facts.probes[name] ?? unknown) }))
  const missing = all.find(({ answer }) => answer !== 'yes')
  return missing && `no ${missing.name}: ${missing.reason}`
}
