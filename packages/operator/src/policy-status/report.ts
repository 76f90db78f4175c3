import { createHash } from 'node:crypto'
import { fields, type KubeObject, list, text } from '@tetragon-ts/kubernetes'
import {
  hasRef,
  type NodePolicyError,
  type NodePolicyState,
  nodePolicyStates,
  nodeStatusMax,
  refLength,
  splitRefs,
} from '@tetragon-ts/policy/status'

const refsMax = nodeStatusMax.policies * refLength
const controls = /[\x00-\x1f\x7f-\x9f]/g

/** What an agent reports: names of policies by their state, and errors. */
export type Report = Readonly<Record<NodePolicyState, string>> & {
  readonly errors: readonly NodePolicyError[]
}

/** The report of the pod with this name. */
export interface PodReport {
  readonly pod: string
  /** Undefined: there is no memory for it. */
  readonly report: Report | undefined
}

/** @param object of any content: an agent that was taken over may write anything */
export function readReport(
  object: KubeObject & { readonly status?: unknown },
): (PodReport & { readonly report: Report }) | undefined {
  const { name } = fields(object.metadata)
  if (text(name) === '') return undefined
  const status = fields(object.status)
  const refs = nodePolicyStates.map((state) => [state, bounded(status[state], refsMax)] as const)
  const errors = list(status.errors).slice(0, nodeStatusMax.errors).map(fields)
  return {
    pod: text(name),
    report: {
      ...(Object.fromEntries(refs) as Record<NodePolicyState, string>),
      errors: errors.map(({ policy, path, message }) => ({
        policy: bounded(policy, refLength),
        path: bounded(path, nodeStatusMax.path),
        message: bounded(message, nodeStatusMax.message),
      })),
    },
  }
}

/** Errors are shown in terminals, which they must not control. */
function bounded(value: unknown, max: number): string {
  return text(value).slice(0, max).replace(controls, ' ')
}

/** The state of a policy; undefined: it is not in the report. */
export function stateIn(report: Report, ref: string): NodePolicyState | undefined {
  return nodePolicyStates.find((state) => hasRef(report[state], ref))
}

/** Names of policies about which two reports differ. */
export function differences(before: Report, after: Report): Set<string> {
  const changed = new Set<string>()
  if (before === after) return changed
  for (const state of nodePolicyStates) {
    if (before[state] === after[state]) continue
    const [old, next] = [before, after].map((report) => new Set(splitRefs(report[state])))
    for (const ref of old) if (!next.has(ref)) changed.add(ref)
    for (const ref of next) if (!old.has(ref)) changed.add(ref)
  }
  if (JSON.stringify(before.errors) !== JSON.stringify(after.errors)) {
    for (const { policy } of [...before.errors, ...after.errors]) changed.add(policy)
  }
  return changed
}

/** Characters of a report. */
export function sizeOf(report: Report): number {
  const refs = nodePolicyStates.map((state) => report[state].length)
  const errors = report.errors.map(
    ({ policy, path, message }) => `${policy}${path}${message}`.length,
  )
  return [...refs, ...errors].reduce((sum, each) => sum + each, 0)
}

/** Equal for equal reports. */
export function digestOf(report: Report): string {
  return createHash('sha256').update(JSON.stringify(report)).digest('base64')
}
