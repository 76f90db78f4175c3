import type { Check } from '../arguments/check.ts'
import type { LabelSelector, WorkloadMatch } from '../model/index.ts'
import type { LabelSelectorDocument } from '../schema/label-selector.ts'
import type { SelectorDocument } from '../schema/selector.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'

const containerKeys = ['name', 'repo']

function checkExpressions({ matchExpressions }: LabelSelectorDocument, check: Check): void {
  for (const expression of matchExpressions) {
    if (check.isBroken(expression)) continue
    const { operator, values, at } = expression
    const takesValues = operator === 'In' || operator === 'NotIn'
    if (takesValues === values.length > 0) continue
    const message = takesValues ? `${operator} requires values` : `${operator} uses no values`
    check.findings.error(`${at}.values`, 'POLICY_SELECTOR', message)
  }
}

/** Checks a label selector. */
export function checkLabels(
  selector: LabelSelectorDocument | undefined,
  check: Check,
): LabelSelector | undefined {
  if (selector === undefined) return undefined
  checkExpressions(selector, check)
  const matchExpressions = selector.matchExpressions.map(({ key, operator, values }) => {
    return { key, operator, values }
  })
  return { path: selector.at, matchLabels: selector.matchLabels, matchExpressions }
}

function checkContainer(selector: LabelSelector | undefined, { findings }: Check): void {
  if (selector === undefined) return
  const refuse = (key: string, path: string): void => {
    if (containerKeys.includes(key)) return
    const message = `containers have no ${JSON.stringify(key)}`
    findings.error(path, 'POLICY_SELECTOR', message, { allowed: containerKeys, given: key })
  }
  for (const key of Object.keys(selector.matchLabels)) refuse(key, `${selector.path}.matchLabels`)
  for (const [i, { key }] of selector.matchExpressions.entries()) {
    refuse(key, `${selector.path}.matchExpressions[${i}].key`)
  }
}

function checkHost(selector: LabelSelector | undefined, { findings }: Check): void {
  if (selector === undefined) return
  if (Object.keys(selector.matchLabels).length + selector.matchExpressions.length === 0) return
  const message = 'hostSelector selects the whole host: write {}'
  findings.error(selector.path, 'POLICY_SELECTOR', message)
}

type WorkloadDocument = Pick<SpecDocument, 'podSelector' | 'containerSelector' | 'hostSelector'>

/** Checks the pod, container and host selectors of a policy or a selector. */
export function checkWorkloads(
  document: WorkloadDocument,
  check: Check,
): Omit<WorkloadMatch, 'path'> {
  const podSelector = checkLabels(document.podSelector, check)
  const containerSelector = checkLabels(document.containerSelector, check)
  const hostSelector = checkLabels(document.hostSelector, check)
  checkContainer(containerSelector, check)
  checkHost(hostSelector, check)
  return {
    ...(podSelector === undefined ? {} : { podSelector }),
    ...(containerSelector === undefined ? {} : { containerSelector }),
    ...(hostSelector === undefined ? {} : { hostSelector }),
  }
}

/** Checks `matchWorkloads` of a selector. */
export function checkMatchWorkloads(
  match: SelectorDocument['matchWorkloads'],
  check: Check,
): WorkloadMatch | undefined {
  return match === undefined ? undefined : { path: match.at, ...checkWorkloads(match, check) }
}
