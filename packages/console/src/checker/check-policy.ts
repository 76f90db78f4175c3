import {
  type Diagnostic,
  findUnsupported,
  formatDiagnostic,
  type Policy,
  readPolicies,
} from '@tetragon-ts/policy'
import { actions } from '@tetragon-ts/policy/actions'
import { withMode } from '@tetragon-ts/policy/policy-text'
import type { Finding, PolicyCheck } from './results.ts'

/** Name of the text in diagnostics. */
export const file = 'policy'

/** Checks a text as `tetra tracingpolicy validate` does: without a kernel and without an agent. */
export async function checkPolicy(text: string): Promise<PolicyCheck> {
  const { documents, diagnostics } = readPolicies(text, file)
  const all = [...diagnostics, ...documents.flatMap((document) => findUnsupported(document))]
  const policies = documents.map(({ policy }) => {
    return { name: policy.name, namespace: policy.namespace, enforces: enforces(policy) }
  })
  const isOne = policies.length === 1 && policies[0].enforces
  return {
    findings: all.sort(byPosition).map(findingOf),
    policies,
    ...(isOne && { monitored: await withMode(text, 'monitor') }),
  }
}

function enforces({ options: { mode }, hooks }: Policy): boolean {
  const used = hooks
    .flatMap(({ selectors }) => selectors)
    .flatMap(({ actions, returnActions }) => [...actions, ...returnActions])
  return mode === 'enforce' && used.some(({ action }) => actions[action].effect === 'enforce')
}

function byPosition(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column
}

/** The same words as `tetra tracingpolicy validate`. */
export function findingOf(diagnostic: Diagnostic): Finding {
  const { severity, code, line, column, suggestion } = diagnostic
  const whole = formatDiagnostic(diagnostic)
  const text = whole.slice(`${file}:${line}:${column}: ${severity}: `.length)
  return { severity, code, line, column, text, ...(suggestion && { suggestion }) }
}
