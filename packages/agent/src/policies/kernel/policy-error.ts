import type { Attempt } from '@tetragon-ts/compiler'
import { AsmError } from '@tetragon-ts/ebpf/asm'
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

/**
 * Whether an error of the compiler means that a hook is too large: its selectors are nested too
 * deeply for the stack, or a jump is too long for an instruction.
 */
export function isTooLarge(error: unknown): boolean {
  if (error instanceof AsmError) return error.code === 'EBPF_ASM_JUMP_TOO_FAR'
  return error instanceof RangeError
}

/** For such an error. */
export function tooLarge(document: PolicyDocument): PolicyError {
  const { name, hooks } = document.policy
  const [largest] = hooks.toSorted((a, b) => b.selectors.length - a.selectors.length)
  const message = `the hook is too large to compile: it has ${largest.selectors.length} selectors`
  return new PolicyError(name, [document.diagnose(largest.path, 'POLICY_LIMIT', message)])
}
