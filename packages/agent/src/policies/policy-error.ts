import { type Diagnostic, formatDiagnostic } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'

/** A policy that cannot be compiled for this kernel, with all that is wrong with it. */
export class PolicyError extends AgentError {
  readonly diagnostics: readonly Diagnostic[]

  constructor(policy: string, diagnostics: readonly Diagnostic[]) {
    const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))
    super('AGENT_POLICY', `add policy ${policy}:\n${lines.join('\n')}`)
    this.diagnostics = diagnostics
  }
}
