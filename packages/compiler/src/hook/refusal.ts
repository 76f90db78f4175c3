/** Why a back end cannot be used. */
export interface Refusal {
  /**
   * The cause: this kernel, the arguments that the policy reads, or anything else in the policy
   * (its section, its options).
   */
  readonly by: 'kernel' | 'arguments' | 'policy'
  readonly reason: string
  /** Set if the kernel refused to load one of its programs. */
  readonly atLoad?: true
}

export function byKernel(reason: string): Refusal {
  return { by: 'kernel', reason }
}

export function byArguments(reason: string): Refusal {
  return { by: 'arguments', reason }
}

export function byPolicy(reason: string): Refusal {
  return { by: 'policy', reason }
}

/** Whether planning ended with a refusal. */
export function isRefusal(outcome: object): outcome is Refusal {
  return 'by' in outcome && 'reason' in outcome
}
