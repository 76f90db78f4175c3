import type { Attempt } from '@tetragon-ts/compiler'
import { type Diagnostic, formatDiagnostic, type PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'

/** A policy that cannot be compiled for this kernel, with all errors. */
export class PolicyError extends AgentError {
  readonly diagnostics: readonly Diagnostic[]
  /** Back ends that failed, for hooks that no back end can attach. */
  readonly attempts: readonly Attempt[]

  /** @param action for errors, such as `add` */
  constructor(
    policy: string,
    diagnostics: readonly Diagnostic[],
    action = 'add',
    attempts: readonly Attempt[] = [],
  ) {
    const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))
    super('AGENT_POLICY', `${action} policy ${policy}:\n${lines.join('\n')}`)
    this.diagnostics = diagnostics
    this.attempts = attempts
  }
}

/** For a RangeError of the compiler: selectors are nested too deeply for its stack. */
export function tooLarge(document: PolicyDocument): PolicyError {
  const { name, hooks } = document.policy
  const [largest] = hooks.toSorted((a, b) => b.selectors.length - a.selectors.length)
  const message = `the hook is too large to compile: it has ${largest.selectors.length} selectors`
  return new PolicyError(name, [document.diagnose(largest.path, 'POLICY_LIMIT', message)])
}
