import { type Diagnostic, formatDiagnostic } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'

/** A policy that cannot be compiled for this kernel, with all that is wrong with it. */
export class PolicyError extends AgentError {
  readonly diagnostics: readonly Diagnostic[]

  /** @param action what was asked for, such as `add` */
  constructor(policy: string, diagnostics: readonly Diagnostic[], action = 'add') {
    const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))
    super('AGENT_POLICY', `${action} policy ${policy}:\n${lines.join('\n')}`)
    this.diagnostics = diagnostics
  }
}
