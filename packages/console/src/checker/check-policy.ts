import {
  type Diagnostic,
  findUnsupported,
  formatDiagnostic,
  readPolicies,
} from '@tetragon-ts/policy'
import type { Finding, PolicyCheck } from './results.ts'

/** Name of the text in diagnostics. */
export const file = 'policy'

/** Checks a text as `tetra tracingpolicy validate` does: without a kernel and without an agent. */
export function checkPolicy(text: string): PolicyCheck {
  const { documents, diagnostics } = readPolicies(text, file)
  const all = [...diagnostics, ...documents.flatMap((document) => findUnsupported(document))]
  return {
    findings: all.sort(byPosition).map(findingOf),
    policies: documents.map(({ policy: { name, namespace } }) => ({ name, namespace })),
  }
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
